/** Which subsets share rows that they should not, and where a new share begins. */
import { describe, expect, it } from "vitest";

import type { Subset, Version } from "@/features/datasets/columns";
import { freeShare, isApart } from "@/features/datasets/newShare";
import { disjoint, givingUp, movedRows, sharedRows } from "@/features/datasets/overlaps";

type Rule = Subset["rule"];

const rule = (part: Partial<Rule> & Pick<Rule, "kind">): Rule => ({ share_percent: 100, from_percent: 0, seed: 42, folds: 5, fold: 1, ...part });
const subset = (id: string, rows: number, part: Partial<Rule> & Pick<Rule, "kind">): Subset => ({ id, name: id, rows, rule: rule(part) });
const training = subset("training", 80, { kind: "random", share_percent: 80 });
const validation = subset("validation", 20, { kind: "rest", of: ["training"] });

function version(subsets: Subset[], ...overlaps: [string, string, number][]): Pick<Version, "subsets" | "usage"> {
  return { subsets, usage: { rows: 100, unused_rows: 0, left_out_rows: 0, left_out_by_hand: 0, overlaps: overlaps.map(([one, other, rows]) => ({ subset_ids: [one, other], rows })) } };
}

describe("shared rows", () => {
  it("are offered out of the rest first", () => {
    const test = subset("test", 10, { kind: "random", from_percent: 70, share_percent: 20 });
    const shared = sharedRows(version([training, validation, test], ["training", "test", 10], ["validation", "test", 8]));
    expect(shared.map((each) => each.givers.map((giver) => giver.id))).toEqual([["training"], ["validation", "test"]]);
  });
  it("are not taken out of a subset that would be left with none, nor one that the other is made from", () => {
    const all = subset("all", 100, { kind: "all" });
    expect(sharedRows(version([training, all], ["training", "all", 80]))[0]?.givers).toEqual([all]);
    const leaning = subset("leaning", 50, { kind: "all", without: ["other"] });
    const other = subset("other", 60, { kind: "rest", of: ["training"] });
    expect(sharedRows(version([training, leaning, other], ["training", "other", 5]))[0]?.givers).toEqual([other]);
  });
  it("of folds are by design", () => {
    const folds = [subset("a", 50, { kind: "k_fold" }), subset("b", 50, { kind: "rest", of: ["a"] }), subset("c", 50, { kind: "fold", feature: "f" }), subset("d", 50, { kind: "fold", feature: "f" })];
    expect(sharedRows(version([training, ...folds], ["training", "a", 40], ["training", "b", 40], ["c", "d", 9], ["training", "c", 4]))).toEqual([]);
  });
  it("keep all but the first out of the bar", () => {
    expect(disjoint(version([training, validation, subset("all", 100, { kind: "all" })], ["training", "all", 80], ["validation", "all", 20])).map((each) => each.id)).toEqual(["training", "validation"]);
  });
});

describe("a new share", () => {
  it("goes on where Training ends, cut in the same way", () => {
    const stratified = subset("training", 80, { kind: "random", share_percent: 80, seed: 7, stratify_by: "kind" });
    const free = freeShare([stratified, validation]);
    expect([free.from_percent, free.share_percent, free.seed, free.stratify_by]).toEqual([80, 10, 7, "kind"]);
    expect(isApart(stratified.rule, free)).toBe(true);
    expect(isApart(stratified.rule, { ...free, stratify_by: null })).toBe(false);
  });
  it("begins at 0 when no room is left", () => {
    expect(freeShare([subset("training", 95, { kind: "random", share_percent: 95 })]).from_percent).toBe(0);
  });
});

describe("giving rows up", () => {
  it("makes a rest the rest of one more, and any other rule one without", () => {
    expect(givingUp(validation.rule, "test").of).toEqual(["training", "test"]);
    expect(givingUp(training.rule, "test").without).toEqual(["test"]);
  });
  it("is told by the rows before and after", () => {
    expect(movedRows([training, validation], [training, { ...validation, rows: 10 }, subset("test", 10, { kind: "all" })])).toEqual([{ name: "validation", from: 20, to: 10 }]);
  });
});
