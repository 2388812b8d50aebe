/** Words and counts of groups of runs that several parts of this view show. */
import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";
import type { MarkName } from "@/ui/Icon";
import { number } from "@/ui/measures";

type Group = Schemas["RunGroup"];
type Words = TFunction<"groups">;

const ENDED = new Set<Schemas["Trial"]["state"]>(["done", "stopped", "failed", "interrupted"]);

/** How many trials have ended, by how; those not queued yet count as waiting while the group goes on. */
export function groupCounts(group: Group) {
  const of = (test: (trial: Schemas["Trial"]) => boolean) => group.trials.filter(test).length;
  const ended = of((trial) => ENDED.has(trial.state));
  const queued = of((trial) => trial.state === "queued");
  const pruned = of((trial) => Boolean(trial.pruned));
  const done = of((trial) => trial.state === "done");
  return { ended, done, pruned, running: group.trials.length - ended - queued, waiting: group.state === "running" ? group.total - group.trials.length + queued : queued, failed: ended - done - pruned };
}

export function groupMark(group: Group): MarkName {
  if (group.state === "done") return "done";
  return group.state === "stopped" ? "stop" : "live";
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
