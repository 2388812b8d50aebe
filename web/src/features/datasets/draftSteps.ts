/** Steps of a draft in words: what an undo would take back. */
import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";

export function stepWords(step: Schemas["DraftStep"], t: TFunction<"table">): string {
  const what = t(`step.${step.kind}`, { name: step.name, count: step.count, row: (step.row ?? 0) + 1 });
  return step.kind === "folds_added" || step.count === 1 ? what : t("stepAndMore", { what, count: step.count - 1 });
}
