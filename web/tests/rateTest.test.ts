import { describe, expect, it } from "vitest";

import { placeOfRate, prepareRateChart, rateWords } from "@/features/modeling/rateTest";

const point = (rate: number, smoothed: number) => ({ rate, loss: smoothed, smoothed });

describe("the chart of a test of learning rates", () => {
  const test = { points: [point(1e-6, 2), point(1e-4, 1.9), point(1e-2, 1), point(1, 400)], low: 1e-4, high: 1e-2, suggested: 3e-3 };

  it("gives each power of ten the same width", () => {
    const chart = prepareRateChart(test);
    expect(chart.rateTicks.map((tick) => Math.round(Math.log10(tick)))).toEqual([-6, -5, -4, -3, -2, -1, 0]);
    expect([1e-6, 1e-3, 1].map((rate) => placeOfRate(chart, rate))).toEqual([0, expect.closeTo(0.5), 1]);
  });

  it("cuts off a loss that ran away, so that its fall is seen", () => {
    expect(prepareRateChart(test).top).toBeLessThan(3);
    expect(prepareRateChart(test).bottom).toBe(1);
  });

  it("writes rates as they are typed", () => {
    expect([0.003, 0.0001, 0.00001].map(rateWords)).toEqual(["0.003", "0.0001", "1e-5"]);
  });
});
