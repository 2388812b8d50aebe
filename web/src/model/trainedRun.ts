/** Which run of an experiment there is a model of. */
import type { Schemas } from "@/api/client";

type Run = Schemas["Run"];

const UNDER_WAY: readonly Run["state"][] = ["queued", "starting", "running", "recovering", "pausing", "paused", "stopping"];

/** The newest finished run with a checkpoint: one that failed or waits does not hide the model of an earlier one. */
export function trainedRun(runs: readonly Run[], experimentId: string): Run | null {
  const finished = runs.filter((run) => run.experiment_id === experimentId && run.checkpoints.length > 0 && !UNDER_WAY.includes(run.state));
  return finished.reduce<Run | null>((newest, run) => (newest && newest.created_at >= run.created_at ? newest : run), null);
}
