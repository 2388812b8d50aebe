/** Steps of a draft in words: what an undo would take back. */
import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";

/** Their words have the count in them. */
const COUNTED: ReadonlySet<string> = new Set(["folds_added", "rows_left_out", "rows_taken_back"]);

export function stepWords(step: Schemas["DraftStep"], t: TFunction<"table">): string {
  const what = t(`step.${step.kind}`, { name: step.name, count: step.count, row: (step.row ?? 0) + 1 });
  return COUNTED.has(step.kind) || step.count === 1 ? what : t("stepAndMore", { what, count: step.count - 1 });
}
