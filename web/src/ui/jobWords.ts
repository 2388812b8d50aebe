/** How far a job is, in words: "62 %, 3 min left". */
import type { Schemas } from "@/api/client";
import { i18next } from "@/i18n";

import { duration, percent } from "./measures";

export function jobWords(job: Schemas["Job"]): string {
  const share = percent(job.done);
  if (job.seconds_left == null) return share;
  return i18next.t("shareAndLeft", { ns: "studio", share, left: duration(job.seconds_left) });
}
