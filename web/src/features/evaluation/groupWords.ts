/** Words and counts of groups of runs that several parts of this view show. */
import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";
import type { MarkName } from "@/ui/Icon";
import { runShare } from "@/model/runShare";
import { number, percent } from "@/ui/measures";

type Group = Schemas["RunGroup"];
type Run = Schemas["Run"];
type Words = TFunction<"groups">;

const ENDED = new Set<Schemas["Trial"]["state"]>(["done", "stopped", "failed", "interrupted"]);

/** How many trials have ended, by how; those not queued yet count as waiting while the group goes on. */
export function groupCounts(group: Group) {
  const of = (test: (trial: Schemas["Trial"]) => boolean) => group.trials.filter(test).length;
  const ended = of((trial) => ENDED.has(trial.state));
  const queued = of((trial) => trial.state === "queued");
  const pruned = of((trial) => Boolean(trial.pruned));
  const done = of((trial) => trial.state === "done");
  const paused = of((trial) => trial.state === "paused");
  return { ended, done, pruned, paused, queued, running: group.trials.length - ended - queued - paused, waiting: group.state === "running" ? group.total - group.trials.length + queued : queued, failed: ended - done - pruned };
}

/** The group with the states of its runs as live events tell them; its own list is asked for a moment later. */
export function withLiveStates(group: Group, runs: readonly Run[]): Group {
  return { ...group, trials: group.trials.map((trial) => ({ ...trial, state: runs.find(({ id }) => id === trial.run_id)?.state ?? trial.state })) };
}

export type GroupStanding = Group["state"] | "waiting" | "paused";

/** What is so while a group goes on: it runs only while one of its runs does. */
export function groupStanding(group: Group): GroupStanding {
  const { running, queued, paused } = groupCounts(group);
  if (group.state !== "running" || running > 0) return group.state;
  if (queued > 0) return "waiting";
  return paused > 0 ? "paused" : "running";
}

const MARKS: Record<GroupStanding, MarkName> = { running: "live", stopping: "live", stopped: "stop", done: "done", waiting: "wait", paused: "wait" };

export const groupMark = (group: Group): MarkName => MARKS[groupStanding(group)];

/** The standing in words; a group that waits says for how many runs. */
export function standingWords(group: Group, t: Words): string {
  const standing = groupStanding(group);
  return standing === "waiting" ? t("waitingInQueue", { count: groupCounts(group).queued }) : t(`state.${standing}`);
}

/** Where a run of the group is, in words; empty for one that is not at work. */
export function whereabouts(run: Run, t: Words): string {
  if (run.state === "starting") return t("runStarts", { number: run.number });
  if (run.state === "recovering") return t("runRecovers", { number: run.number });
  if (run.state !== "running") return "";
  const { epoch, step, steps_per_epoch: steps } = run.progress;
  if (run.epochs.length === 0) return t("runFirstEpoch", { number: run.number, share: percent(steps > 0 ? Math.min(1, step / steps) : 0) });
  return t("runInEpoch", { number: run.number, epoch, epochs: run.settings.epochs, share: percent(runShare(run)) });
}

/** The edits that give an experiment what a trial varied; null when that was its model, too. */
export function settingOperations(values: Schemas["Trial"]["values"]): Schemas["SetSetting"][] | null {
  if (values["snippet"] !== undefined && values["snippet"] !== "as_drawn") return null;
  return Object.entries(values).filter(([name]) => name !== "snippet").map(([name, value]) => ({ op: "set_setting", name, value }));
}

/** Whether an experiment has what a trial varied already; false where the model was varied, too. */
export function isInUse(values: Schemas["Trial"]["values"], settings: Schemas["Experiment"]["settings"]): boolean {
  const operations = settingOperations(values);
  const now: Record<string, unknown> = settings;
  return operations !== null && operations.every(({ name, value }) => now[name] === value);
}

type Card = { name: string; label: { en: string; zh: string } };

export function settingLabel(name: string, cards: readonly Card[], language: "en" | "zh", t: Words): string {
  if (name === "snippet") return t("model");
  if (name === "fold") return t("fold");
  return cards.find((card) => card.name === name)?.label[language] ?? name;
}

/** A value as its column or axis shows it: 0.0001 as typed, words as they are. */
export function valueWords(value: unknown, t: Words): string {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return Number.isInteger(value) ? number(value) : String(Number(value.toPrecision(3)));
  if (value === "as_drawn") return t("asDrawn");
  return value == null ? "–" : String(value);
}
