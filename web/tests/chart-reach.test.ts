import { describe, expect, it } from "vitest";

import { placeEndLabels, spreadLabels } from "@/features/evaluation/endLabels";
import { prepareLossChart } from "@/features/evaluation/lossCurve";
import { mostNeeded } from "@/features/evaluation/reach";
import { type Named, prepareChart, type Run, runStyle } from "@/features/evaluation/series";
import { prepareSignal } from "@/features/evaluation/signals";

function named(name: string, losses: number[], metric = "loss"): Named {
  const epochs = losses.map((value, place) => ({ epoch: place + 1, seconds: 1, training: { [metric]: value }, validation: { [metric]: value }, signals: { gradient_norm: value, gradient_norm_max: value } }));
  const run = { id: name, state: "done", settings: { epochs: epochs.length }, metric_names: [metric], best_by: metric, best_epoch: null, epochs } as unknown as Run;
  return { run, name, style: runStyle(0) };
}

const usual = [named("a", [0.7, 0.5, 0.4, 0.3]), named("b", [0.8, 0.6, 0.5, 0.4])];
const diverged = named("c", [0.7, 9, 120, 4310]);

describe("how far an axis reaches", () => {
  it("is as far as most runs need, and what is beyond is told", () => {
    const chart = prepareChart([...usual, diverged], "loss");
    expect(chart.maximum).toBeLessThan(1.5);
    expect(chart.beyond).toEqual({ below: false, limit: chart.maximum, furthest: 4310, names: ["c"] });
    expect(prepareChart([usual[0] as Named, diverged], "loss").beyond?.names).toEqual(["c"]);
  });

  it("is all the way when a person asks for it, with the way back", () => {
    const chart = prepareChart([...usual, diverged], "loss", true);
    expect(chart.maximum).toBeGreaterThanOrEqual(4310);
    expect(chart.beyond?.names).toEqual(["c"]);
  });

  it("is all the way for one run that climbs, for runs that differ, and for one that falls fast", () => {
    expect(prepareChart([named("c", [0.7, 9, 120, 1800])], "loss").beyond).toBeNull();
    expect(prepareChart([...usual, named("d", [6, 5, 4, 3.5])], "loss").beyond).toBeNull();
    expect(prepareChart([named("e", [2.3, 0.9, 0.3, 0.08, 0.02, 0.008, 0.005, 0.004])], "loss").beyond).toBeNull();
  });

  it("leaves out a leap of a single run", () => {
    expect(prepareChart([named("a", [3000, 0.9, 0.7, 0.6, 0.5])], "loss")).toMatchObject({ maximum: 0.9, beyond: { furthest: 3000 } });
  });

  it("judges each line by itself, so that few points are no leap beside many", () => {
    expect(mostNeeded([[[0.01, 0.01, 0.01, 0.01], [0.6]]])).toBe(0.6);
    expect(mostNeeded([[[0, 0, 0]]])).toBe(0);
  });

  it("is all there is for shares, and downwards for what runs away downwards", () => {
    expect(prepareChart([named("a", [0.01], "accuracy"), named("b", [0.9], "accuracy")], "accuracy").beyond).toBeNull();
    const chart = prepareChart([named("a", [0.1, 0.5], "r2"), named("b", [-4000, -3000], "r2")], "r2");
    expect(chart.beyond).toMatchObject({ below: true, furthest: -4000, names: ["b"] });
    expect(chart.minimum).toBeGreaterThan(-5);
  });

  it("holds for gradients and for the loss by batch", () => {
    expect(prepareSignal([...usual, diverged], "gradient_norm").chart.beyond?.names).toEqual(["c"]);
    expect(prepareSignal([...usual, diverged], "gradient_norm", true).chart.maximum).toBeGreaterThanOrEqual(4310);
    const point = (high: number) => ({ start: 0, end: 1, low: high / 2, mean: high / 2, high });
    const lines = [...usual, diverged].map((each, place) => ({ named: each, points: [point(place === 2 ? 900 : 1)] }));
    expect(prepareLossChart(lines)).toMatchObject({ beyond: { furthest: 900, names: ["c"] } });
    expect(prepareLossChart(lines, true).valueTicks.at(-1)).toBeGreaterThanOrEqual(900);
  });
});

describe("labels at the ends of lines", () => {
  it("are moved apart and kept inside", () => {
    expect(spreadLabels([98, 99, 20], 13, 0, 100)).toEqual([87, 100, 20]);
    expect(placeEndLabels([], 13, 0, 100)).toEqual({ places: [], left: 0 });
  });

  it("never cover one another, however many there are", () => {
    const { places, left } = placeEndLabels(Array.from({ length: 12 }, () => 50), 13, 0, 100);
    const sorted = [...places].sort((a, b) => a - b);
    expect(sorted.every((place, index) => index === 0 || place - (sorted[index - 1] as number) >= 13)).toBe(true);
    expect([places.length, left, (sorted[0] as number) >= 0, (sorted.at(-1) as number) <= 87]).toEqual([7, 5, true, true]);
  });
});
