/** The rule that a new subset begins with: a share of the rows that no other random share holds. */
import type { Subset } from "./columns";

export type Rule = Subset["rule"];

export function firstRule(): Rule {
  return { kind: "random", share_percent: 10, from_percent: 0, seed: 42, of: [], without: [], values: [], folds: 5, fold: 1, stratify_by: null, group_by: null, condition: null, feature: null };
}

/** Random rules that cut the same line of rows: shares of it that do not overlap share no row. */
const isKin = (one: Rule, other: Rule) =>
  one.kind === "random" && other.kind === "random" && one.seed === other.seed && (one.stratify_by ?? null) === (other.stratify_by ?? null) && (one.group_by ?? null) === (other.group_by ?? null);

const endOf = (rule: Rule) => (rule.from_percent ?? 0) + (rule.share_percent ?? 100);

/** Whether two random shares surely have no row in common. */
export function isApart(one: Rule, other: Rule): boolean {
  return isKin(one, other) && ((one.from_percent ?? 0) >= endOf(other) || (other.from_percent ?? 0) >= endOf(one));
}

/** A share that goes on where those that are there end, cut in the same way, so that no row of Training is taken. */
export function freeShare(subsets: readonly Subset[]): Rule {
  const first = subsets.find((each) => each.rule.kind === "random")?.rule;
  if (!first) return firstRule();
  const rule: Rule = { ...firstRule(), seed: first.seed, stratify_by: first.stratify_by ?? null, group_by: first.group_by ?? null };
  const end = Math.max(...subsets.filter((each) => isKin(each.rule, rule)).map((each) => endOf(each.rule)));
  return end <= 100 - (rule.share_percent ?? 100) ? { ...rule, from_percent: end } : rule;
}
