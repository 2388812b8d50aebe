/** Which subsets share rows that they should not, and out of which the shared rows can be taken. */
import type { Subset, Version } from "./columns";

export type Shared = { subsets: [Subset, Subset]; rows: number; givers: Subset[] };

/** Subsets of folds share rows by design: each run uses one fold and its rest. */
export function ofFolds(version: Pick<Version, "subsets" | "usage">): Set<string> {
  const byId = new Map(version.subsets.map((each) => [each.id, each]));
  const isPart = (id: string) => byId.get(id)?.rule.kind === "k_fold";
  const found = new Set(version.subsets.filter(({ id, rule }) => isPart(id) || (rule.kind === "rest" && (rule.of ?? []).some(isPart))).map((each) => each.id));
  for (const { subset_ids: pair } of version.usage.overlaps ?? []) {
    const [one, other] = pair.map((id) => byId.get(id)?.rule);
    if (one?.kind === "fold" && other?.kind === "fold" && one.feature === other.feature) pair.forEach((id) => found.add(id));
  }
  return found;
}

/** Pairs that share rows, except those of folds. */
export function sharedRows(version: Pick<Version, "subsets" | "usage">): Shared[] {
  const folds = ofFolds(version);
  return (version.usage.overlaps ?? []).flatMap(({ subset_ids: ids, rows }) => {
    const [one, other] = ids.map((id) => version.subsets.find((each) => each.id === id));
    if (!one || !other || folds.has(one.id) || folds.has(other.id)) return [];
    return [{ subsets: [one, other], rows, givers: givers(one, other, rows, version.subsets) }];
  });
}

/** The rest of others gives rows up first; none gives up all it has, nor rows of a subset that is made from it. */
function givers(one: Subset, other: Subset, rows: number, all: readonly Subset[]): Subset[] {
  const can = (giver: Subset, keeper: Subset) => giver.rows > rows && !leansOn(keeper, giver.id, all);
  return [...(can(one, other) ? [one] : []), ...(can(other, one) ? [other] : [])].sort((a, b) => Number(b.rule.kind === "rest") - Number(a.rule.kind === "rest"));
}

export function leansOn(subset: Subset, id: string, all: readonly Subset[]): boolean {
  const leaned = [...(subset.rule.kind === "rest" ? (subset.rule.of ?? []) : []), ...(subset.rule.without ?? [])];
  return leaned.some((each) => each === id || all.some((next) => next.id === each && leansOn(next, id, all)));
}

/** Subsets that can stand in one bar: those that share no row with one before; folds are told in words. */
export function disjoint(version: Pick<Version, "subsets" | "usage">): Subset[] {
  const overlapping = (version.usage.overlaps ?? []).map((each) => new Set(each.subset_ids));
  const taken: Subset[] = [];
  for (const subset of version.subsets) {
    if (!taken.some((other) => overlapping.some((pair) => pair.has(subset.id) && pair.has(other.id)))) taken.push(subset);
  }
  return taken;
}

/** The rule without the rows of another subset, too. */
export function givingUp(rule: Subset["rule"], id: string): Subset["rule"] {
  return rule.kind === "rest" ? { ...rule, of: [...(rule.of ?? []), id] } : { ...rule, without: [...(rule.without ?? []), id] };
}

/** Subsets that are there before and after, and hold another number of rows. */
export function movedRows(before: readonly Subset[], after: readonly Subset[]): { name: string; from: number; to: number }[] {
  return after.flatMap((each) => {
    const from = before.find((other) => other.id === each.id)?.rows ?? each.rows;
    return from === each.rows ? [] : [{ name: each.name, from, to: each.rows }];
  });
}
