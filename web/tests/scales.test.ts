import { describe, expect, it } from "vitest";

import { chanceLwlrap, limitSeconds, timeScale } from "@/features/competition/scales";

const FOUR_HOURS = 4 * 3_600;

describe("time against the limit", () => {
  it("reaches beyond the limit and leaves room for its word", () => {
    const scale = timeScale(4_320, FOUR_HOURS);
    expect(scale.limit).toBe(FOUR_HOURS);
    expect(scale.end).toBeGreaterThan(scale.limit);
    expect(scale.hours).toEqual([0, 1, 2, 3]);
    expect(scale.fits).toBe(true);
  });

  it("says when a slower machine would not make it", () => {
    expect(timeScale(FOUR_HOURS * 0.9, FOUR_HOURS).fits).toBe(false);
    expect(timeScale(20 * 3_600, FOUR_HOURS).hours).toContain(8);
  });
});

describe("the limit", () => {
  it("is what the dry run says", () => {
    expect(limitSeconds([{ code: "check.time_limit", passed: true, message: "", params: { limit_hours: 9 } }])).toBe(9 * 3_600);
  });

  it("is the strictest known when the dry run does not say", () => {
    expect(limitSeconds([])).toBe(FOUR_HOURS);
  });
});

describe("chance", () => {
  it("is the mean of one over the rank", () => {
    expect(chanceLwlrap(1)).toBe(1);
    expect(chanceLwlrap(2)).toBeCloseTo(0.75);
    expect(chanceLwlrap(80)).toBeCloseTo(0.0621, 4);
  });
});
