/** How far work is, in words: "62 %, 3 min left". */
import type { Schemas } from "@/api/client";
import { i18next } from "@/i18n";

import { duration, percent } from "./measures";

/** Args: share from 0 to 1; seconds that are left, when they can be told. */
export function shareAndLeft(share: number, secondsLeft: number | null | undefined): string {
  if (secondsLeft == null) return percent(share);
  return i18next.t("shareAndLeft", { ns: "studio", share: percent(share), left: duration(secondsLeft) });
}

export const jobWords = (job: Schemas["Job"]): string => shareAndLeft(job.done, job.seconds_left);
