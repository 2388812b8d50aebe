/** Words and small facts about runs that several parts of this view show. */
import type { TFunction } from "i18next";

import { untrained } from "@/model/untrained";
import type { MarkName } from "@/ui/Icon";

import { bestOf, COUNTED_IN_UNITS } from "./comparable";
import type { Run } from "./series";

type RunState = Run["state"];

export const STATE_MARKS: Record<RunState, MarkName> = {
  queued: "wait", starting: "live", running: "live", recovering: "live", pausing: "live", paused: "wait", stopping: "live", stopped: "stop", done: "done", failed: "bad", interrupted: "bad",
};

export const isLive = (run: Run): boolean => ["starting", "running", "recovering", "pausing", "stopping"].includes(run.state);

/** Whether what is told of a run is no failure: it is done, at work, or a trial that its search stopped early. */
export const isOnlyNoted = (run: Run): boolean => run.state === "done" || isLive(run) || run.trial?.pruned === true;

/** Whether a person can still stop a run, or take it out of the queue. */
export const canStop = (run: Run): boolean => ["queued", "starting", "running", "recovering", "pausing", "paused"].includes(run.state);

/** Whether a person can let a run keep its place and wait. */
export const canPause = (run: Run): boolean => ["starting", "running", "recovering"].includes(run.state);

/** Whether a new run can begin with a checkpoint of this one; it takes a copy, so that a paused one can still go on. */
export const canFollowUp = (run: Run): boolean => run.checkpoints.length > 0 && ["paused", "done", "stopped", "failed", "interrupted"].includes(run.state);

/** The state in words; a waiting run says its place in the queue, a stopped one whether it had begun. */
export function stateWords(run: Run, t: TFunction<"evaluation">): string {
  const nothing = untrained(run);
  if (nothing) return t(`state.${nothing}`);
  if (run.state === "queued" && run.queue_place) return t("waitingPlace", { place: run.queue_place });
  return t(`state.${run.state}`);
}

/** The tone of a state, as a class of `.st`; done and stopped have none. */
export function stateTone(run: Run): string {
  if (isLive(run)) return "live";
  return run.state === "failed" || run.state === "interrupted" ? "bad" : "";
}

/** The state as it is shown: without an answer of the studio what was known last, and nothing seems alive. */
export type StateNow = { mark: MarkName; tone: string; words: string };

export function stateNow(run: Run, lost: boolean, t: TFunction<"evaluation">): StateNow {
  if (lost && isLive(run)) return { mark: "wait", tone: "", words: t("lastKnown", { state: t(`state.${run.state}`) }) };
  return { mark: STATE_MARKS[run.state], tone: stateTone(run), words: stateWords(run, t) };
}

export function metricName(metric: string, t: TFunction<"evaluation">): string {
  return t(`metric.${metric}` as "metric.loss", { defaultValue: metric.replaceAll("_", " ") });
}

/** That a run is the best; where several are, of what. */
export function bestWords(run: Run, best: readonly Run[], t: TFunction<"evaluation">): string {
  const of = bestOf(run, best);
  if (of === "all") return t("best");
  return of === "target" ? t("bestForTarget", { target: run.target }) : t("bestByMetric", { metric: metricName(run.best_by, t) });
}

/** What a metric means, for the line beside its chart's title. */
export function metricMeaning(metric: string, run: Run | undefined, t: TFunction<"evaluation">): string {
  if (metric !== "loss") return t(`meaning.${metric}` as "meaning.lwlrap", { defaultValue: "" });
  const loss = run ? t(`lossName.${run.loss}` as "lossName.binary_crossentropy", { defaultValue: run.loss.replaceAll("_", " ") }) : "";
  return t("meaning.loss", { loss });
}

/** In which units a metric of a run counts, in words; nothing where it has none. */
export function unitWords(metric: string, run: Run, t: TFunction<"evaluation">): string {
  const units = run.error_units;
  if (!units) return "";
  const target = units.target;
  if (metric === "loss") return units.loss === "normalized" ? t("unit.normalized", { target }) : "";
  if (metric === "mean_absolute_percentage_error") return units.errors === "normalized" ? t("unit.normalized", { target }) : "";
  if (!COUNTED_IN_UNITS.includes(metric)) return "";
  if (units.errors === "normalized") return t("unit.normalized", { target });
  return units.several ? t("unit.several", { target }) : t("unit.real", { target });
}

/** The checkpoint to hand out by default: the best one, else the newest. */
export function bestCheckpoint(run: Run): Run["checkpoints"][number] | undefined {
  return run.checkpoints.find((each) => each.is_best) ?? newestCheckpoint(run);
}

export function newestCheckpoint(run: Run): Run["checkpoints"][number] | undefined {
  return [...run.checkpoints].sort((a, b) => b.epoch - a.epoch)[0];
}

/** The newest checkpoint of the process at work; those of a process before it say nothing about this one. */
export function checkpointSince(run: Run, startedAt: string | null | undefined): Run["checkpoints"][number] | undefined {
  const newest = newestCheckpoint(run);
  return newest && startedAt && Date.parse(newest.created_at) >= Date.parse(startedAt) ? newest : undefined;
}
