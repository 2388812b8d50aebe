import { describe, expect, it } from "vitest";

import { chanceLwlrap, CPU_LIMIT_SECONDS, timeScale } from "@/features/competition/scales";

describe("time against the limit", () => {
  it("reaches beyond the limit and leaves room for its word", () => {
    const scale = timeScale(4_320);
    expect(scale.limit).toBe(CPU_LIMIT_SECONDS);
    expect(scale.end).toBeGreaterThan(scale.limit);
    expect(scale.hours).toEqual([0, 1, 2, 3]);
    expect(scale.fits).toBe(true);
  });

  it("says when a slower machine would not make it", () => {
    expect(timeScale(CPU_LIMIT_SECONDS * 0.9).fits).toBe(false);
    expect(timeScale(20 * 3_600).hours).toContain(8);
  });
});

describe("chance", () => {
  it("is the mean of one over the rank", () => {
    expect(chanceLwlrap(1)).toBe(1);
    expect(chanceLwlrap(2)).toBeCloseTo(0.75);
    expect(chanceLwlrap(80)).toBeCloseTo(0.0621, 4);
  });
});
