/** Whether a run was ended before there was anything of it. */
import type { Schemas } from "@/api/client";

type Run = Schemas["Run"];

/** How a run that a person stopped has learnt nothing: it left the queue, or its first epoch was not finished; null else. */
export function untrained(run: Run): "neverStarted" | "beforeFirstEpoch" | null {
  if (run.state !== "stopped") return null;
  if (!run.started_at) return "neverStarted";
  // Lists of many projects come without epochs; a best epoch, checkpoints and the progress tell as well.
  const finished = run.epochs.length > 0 || run.checkpoints.length > 0 || run.best_epoch != null || run.progress.epoch > 1;
  return finished ? null : "beforeFirstEpoch";
}
