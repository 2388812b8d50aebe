import { describe, expect, it } from "vitest";

import { groupPlot, sortedTrials, type Trial } from "@/model/groupPlot";
import { newLine, readValues, requestOf, type SearchDraft } from "@/model/search";
import type { ParameterCard } from "@/model/document";

const words = { en: "x", zh: "x" };
const card = (name: string, control: ParameterCard["control"], more: Partial<ParameterCard> = {}): ParameterCard => ({ name, control, label: words, default: null, what: words, why_default: words, effect: words, telling: true, ...more });
const CARDS = [card("learning_rate", "number", { minimum: 1e-9, maximum: 100 }), card("batch_size", "integer", { minimum: 1 }), card("shuffle", "boolean"), card("optimizer", "choice")];
const draft = (part: Partial<SearchDraft>): SearchDraft => ({ name: " s ", method: "random", lines: [], trials: 5, eachSeed: false, prune: true, ...part });

describe("a search as it is filled in", () => {
  it("begins around the present value, by factors", () => {
    expect(newLine(0, CARDS[0], 0.001)).toMatchObject({ low: "0.0001", high: "0.01", log: true, values: "0.000333, 0.001, 0.003" });
    expect(newLine(0, CARDS[1], 16)).toMatchObject({ low: "8", high: "32", log: false, values: "8, 16, 32" });
    expect(newLine(0, CARDS[1], 1)).toMatchObject({ low: "1", high: "2" });
  });
  it("reads lists of numbers, and says when one is none", () => {
    expect(readValues("8, 16 32,8", true)).toEqual([8, 16, 32]);
    expect(readValues("0.1; 1e-3", false)).toEqual([0.1, 0.001]);
    expect(readValues("8, many", true)).toBeNull();
    expect(readValues(" ", true)).toBeNull();
  });
  it("asks for ranges by chance and for lists by grid", () => {
    const rate = newLine(0, CARDS[0], 0.001);
    expect(requestOf(draft({ lines: [rate] }), CARDS, 2)).toMatchObject({ name: "s", varied: [{ kind: "range", low: 0.0001, high: 0.01, log: true }], at_once: 2, trials: 5, run_seeds: "same" });
    expect(requestOf(draft({ method: "grid", lines: [rate] }), CARDS, 1)).toMatchObject({ varied: [{ kind: "values", values: [0.000333, 0.001, 0.003] }] });
    expect(requestOf(draft({ lines: [{ ...newLine(0, CARDS[2], true), picked: ["true", "false"] }] }), CARDS, 1)).toMatchObject({ varied: [{ values: [true, false] }] });
  });
  it("names the line that is not complete", () => {
    expect(requestOf(draft({ lines: [newLine(0, CARDS[0], 0.001), newLine(1, CARDS[3], "adam")] }), CARDS, 1)).toBe(1);
  });
});

const trial = (number: number, value: number | null, values: Trial["values"]): Trial => ({ number, run_id: `run_${number}`, run_number: number, state: "done", values, value, epochs: 1, seconds: 1, pruned: false });

describe("setting against value", () => {
  const trials = [trial(1, 0.5, { rate: 1e-5, rule: "sgd" }), trial(2, 0.9, { rate: 1e-1, rule: "adam" }), trial(3, null, { rate: 1e-3, rule: "adam" })];
  it("draws wide numbers by factors, and only trials that have a value", () => {
    const plot = groupPlot(trials, "rate", "run_2");
    expect(plot.log).toBe(true);
    expect(plot.dots.map((dot) => [dot.trial.number, dot.best])).toEqual([[1, false], [2, true]]);
    expect(plot.xTicks.map((tick) => tick.value)).toContain(0.001);
    expect(plot.xTicks.find((tick) => tick.value === 0.001)?.at).toBeCloseTo(0.5);
    for (const dot of plot.dots) for (const at of [dot.x, dot.y]) expect(at > 0 && at < 1).toBe(true);
  });
  it("tells near values apart at the axis, and goes by factors where the search does", () => {
    const near = [trial(1, 0.4, { rate: 0.917 }), trial(2, 0.3967, { rate: 0.646 })];
    const plot = groupPlot(near, "rate", null, true);
    const words = plot.yTicks.map(({ value }) => (value as number).toFixed(plot.yDecimals));
    expect(words.length).toBeGreaterThan(2);
    expect(new Set(words).size).toBe(words.length);
    expect([plot.log, groupPlot(near, "rate", null).log]).toEqual([true, false]);
    expect(plot.xTicks.length).toBeGreaterThan(1);
    expect(groupPlot([trial(1, 0.5, { size: 8 }), trial(2, 0.6, { size: 80 })], "size", null).log).toBe(true);
  });
  it("gives each word its place", () => {
    expect(groupPlot(trials, "rule", null).xTicks).toEqual([{ at: 0.25, value: "adam" }, { at: 0.75, value: "sgd" }]);
  });
  it("stands when all values are the same, or there is none", () => {
    expect(groupPlot([trial(1, 0.5, { rate: 1 })], "rate", null).dots).toMatchObject([{ x: 0.5, y: 0.5 }]);
    expect(groupPlot([], "rate", null).dots).toEqual([]);
  });
  it("sorts by any column, without a value last", () => {
    expect(sortedTrials(trials, { by: "value", descending: true }).map((each) => each.number)).toEqual([2, 1, 3]);
    expect(sortedTrials(trials, { by: "value", descending: false }).map((each) => each.number)).toEqual([1, 2, 3]);
    expect(sortedTrials(trials, { by: "rate", descending: true }).map((each) => each.number)).toEqual([2, 3, 1]);
    expect(sortedTrials(trials, { by: "rule", descending: false }).map((each) => each.number)).toEqual([2, 3, 1]);
  });
});
