/** What a run that failed, or that learnt nothing, can be run again with: of what its advice says, what a button can do. */
import type { Schemas } from "@/api/client";

import { untrained } from "@/model/untrained";

import { newestCheckpoint } from "./runWords";
import type { Run } from "./series";

export type Remedy = { kind: "batch" | "rate" | "clip" | "again"; value: number; wanted: Schemas["RunFollowUp"] };

/** Weights ran away, or are about to. */
const RAN_AWAY: readonly string[] = ["training.loss_is_nan", "training.output_is_nan", "training.gradient_is_nan"];

/** "A tenth, for instance." */
const SMALLER = 10;

export function remedies(run: Run): Remedy[] {
  const { code, params } = run.problem ?? {};
  const fitting = params?.["fitting"];
  if (code === "training.out_of_memory" && typeof fitting === "number") return [{ kind: "batch", value: fitting, wanted: goingOn(run, { batch_size: fitting }) }];
  // One that goes on from another run would lose what it began with.
  if (untrained(run) && !run.continues && !run.can_continue && !run.group_id) return [{ kind: "again", value: 0, wanted: anew(run, {}) }];
  if (!code || !RAN_AWAY.includes(code)) return [];
  const rate = Number((run.settings.learning_rate / SMALLER).toPrecision(3));
  // The first stage has a rate of its own, which a run that follows another keeps.
  const slower: Remedy[] = (run.settings.first_stage_epochs ?? 0) > 0 ? [] : [{ kind: "rate", value: rate, wanted: anew(run, { learning_rate: rate }) }];
  return run.settings.clip === "none" ? [...slower, { kind: "clip", value: 0, wanted: anew(run, { clip: "norm" }) }] : slower;
}

/** From the last checkpoint, where there is one: what ran out of memory had learnt well. */
function goingOn(run: Run, settings: Schemas["RunFollowUp"]["settings"]): Schemas["RunFollowUp"] {
  const newest = newestCheckpoint(run);
  return { start: newest ? "last" : "anew", epochs: Math.max(1, run.settings.epochs - (newest?.epoch ?? 0)), settings };
}

/** From the beginning: the weights of the last checkpoint may have run away already. */
const anew = (run: Run, settings: Schemas["RunFollowUp"]["settings"]): Schemas["RunFollowUp"] => ({ start: "anew", epochs: run.settings.epochs, settings });
