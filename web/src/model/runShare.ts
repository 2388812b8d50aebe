/** How much of a run is done: of its own epochs, not of those of the run that it goes on from. */
import type { Schemas } from "@/api/client";

type Run = Schemas["Run"];

export const ownEpochs = (run: Run): number => Math.max(1, run.settings.epochs - (run.continues?.epoch ?? 0));

/** Share of all steps of its own epochs, 0 to 1. */
export function runShare(run: Run): number {
  const first = run.continues?.epoch ?? 0;
  const last = run.epochs.at(-1)?.epoch;
  // A run that a limit ended is done, and was not trained to its last epoch.
  if (run.state === "done") return last == null ? 1 : Math.min(1, (last - first) / ownEpochs(run));
  const { epoch, step, steps_per_epoch: steps } = run.progress;
  const before = Math.max(0, epoch - 1 - first);
  const within = steps > 0 ? Math.min(1, step / steps) : 0;
  return Math.min(1, (before + within) / ownEpochs(run));
}
