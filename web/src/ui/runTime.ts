/** How long a run took: one rule for every view. */
import type { Schemas } from "@/api/client";

type Run = Schemas["Run"];

/** Seconds of training: what the ended epochs took, without waiting, starting and what was lost in between. */
export function trainingSeconds(run: Pick<Run, "epochs">): number {
  return run.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}
