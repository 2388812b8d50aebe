import { describe, expect, it } from "vitest";

import { pointAt, prepareLossChart, stretchesOf } from "@/features/evaluation/lossCurve";
import { type Named, type Run, runStyle } from "@/features/evaluation/series";
import { haveSignals, prepareSignal } from "@/features/evaluation/signals";

const signals = (changes: object = {}) => ({ gradient_norm: 1, gradient_norm_max: 3, learning_rate: 0.001, examples_per_second: 80, memory_bytes: 450e6, data_wait: 0.02, ...changes });

function named(epochs: object[]): Named {
  const run = { id: "run-1", state: "done", settings: { epochs: epochs.length }, epochs: epochs.map((each, place) => ({ epoch: place + 1, seconds: 1, training: {}, validation: {}, ...each })) } as unknown as Run;
  return { run, name: "Experiment v1", style: runStyle(0) };
}

const point = (start: number, end: number, mean: number, high = mean) => ({ start, end, low: mean, mean, high });

describe("signals", () => {
  it("are drawn in the unit that suits them", () => {
    expect(prepareSignal([named([{ signals: signals() }])], "memory_bytes").unit).toBe("MB");
    const big = prepareSignal([named([{ signals: signals({ memory_bytes: 4.1e9 }) }])], "memory_bytes");
    expect(big.unit).toBe("GB");
    expect(big.chart.series[0]?.last?.value).toBeCloseTo(4.1);
    expect(prepareSignal([named([{ signals: signals() }])], "data_wait").chart.series[0]?.last?.value).toBe(2);
  });

  it("show the largest gradient beside the mean one", () => {
    expect(prepareSignal([named([{ signals: signals() }])], "gradient_norm").chart.series.map((line) => [line.subset, line.last?.value])).toEqual([["training", 3], ["validation", 1]]);
  });

  it("break where nothing was measured, and are not there for runs without any", () => {
    const gap = named([{ signals: signals() }, { signals: null }, { signals: signals() }]);
    expect(prepareSignal([gap], "learning_rate").chart.series[0]?.stretches.length).toBe(2);
    expect(haveSignals([gap])).toBe(true);
    expect(haveSignals([named([{ signals: null }])])).toBe(false);
  });
});

describe("the loss by batch", () => {
  it("has room for its highest spike and all of its epochs", () => {
    const chart = prepareLossChart([{ named: named([{}, {}, {}]), points: [point(0, 0.5, 1), point(0.5, 2.1, 0.4, 7)] }]);
    expect(chart.valueTicks.at(-1)).toBeGreaterThanOrEqual(7);
    expect(chart.lastEpoch).toBe(3);
    expect(chart.epochTicks[0]).toBe(0);
  });

  it("reads out the point under the pointer and leaves gaps open", () => {
    const points = [point(0, 0.5, 1), point(0.5, 1, 2), point(1.5, 2, 3)];
    const line = { named: named([{}]), points };
    expect(pointAt(line, 0.7)?.mean).toBe(2);
    expect(pointAt(line, 1.2)).toBeUndefined();
    expect(stretchesOf(points).map((each) => each.length)).toEqual([2, 1]);
  });
});
