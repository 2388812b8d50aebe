import { beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("document", { documentElement: {} });

describe("quantities in words", () => {
  let measures: typeof import("@/ui/measures");
  beforeAll(async () => {
    measures = await import("@/ui/measures");
  });

  it("tells a duration by its two largest units", () => {
    expect([0, 41, 60, 154, 720, 6600, 7200, 190_000].map(measures.duration)).toEqual(["0 s", "41 s", "1 min", "2 min 34 s", "12 min", "1 h 50 min", "2 h", "2 d 4 h"]);
  });

  it("tells short measured times with decimals", () => {
    expect([0.449, 0.997, 2.64, 9.96, 18.2, 154].map(measures.preciseDuration)).toEqual(["0.45 s", "1.0 s", "2.6 s", "10 s", "18 s", "2 min 34 s"]);
  });

  it("tells bytes as disks count them", () => {
    expect([0, 999, 1_200, 98_700_000, 999_700_000].map(measures.bytes)).toEqual(["0 B", "999 B", "1.2 kB", "98.7 MB", "1.0 GB"]);
  });

  it("shows a dash for what is not a number", () => {
    expect([0.6831, null, Number.NaN].map((value) => measures.metricValue(value))).toEqual(["0.683", "–", "–"]);
  });

  it("shows errors of any size in a feature's units, and nothing as 0 that is not", () => {
    expect([-0.5, 0, 123.4567, 1234.567, 1_234_567.8, 0.00012, -0.00000034].map((value) => measures.metricValue(value))).toEqual(["−0.500", "0.000", "123.457", "1,234.6", "1,234,568", "0.00012", "−3.4e−7"]);
    expect([5_953_899_005_067_500_000, -1e12].map((value) => measures.metricValue(value))).toEqual(["5.95e18", "−1.00e12"]);
    expect([4e18, 2e12, 5e11].map((value) => measures.axisNumber(value, 0))).toEqual(["4e18", "2e12", "500B"]);
    expect([0.25, 7_500, 12_500, -2_000_000, 0.0005].map((value) => measures.axisNumber(value, 2))).toEqual(["0.25", "7500.00", "12.5K", "−2M", "0.0005"]);
  });

  it("tells how long ago by the largest unit", () => {
    const now = new Date(2026, 2, 10, 14, 30);
    const before = (minutes: number) => measures.ago(new Date(now.getTime() - minutes * 60_000), now);
    expect([0, 2, 70, 24 * 60, 3 * 24 * 60, 15 * 24 * 60].map(before)).toEqual(["now", "2 minutes ago", "1 hour ago", "yesterday", "3 days ago", "2 weeks ago"]);
  });

  it("tells a start by its time today and by its day before", () => {
    const now = new Date(2026, 2, 10, 14, 30);
    expect([new Date(2026, 2, 10, 9, 12), new Date(2026, 2, 9, 23, 0), new Date(2026, 1, 18)].map((when) => measures.day(when, now))).toEqual(["09:12", "yesterday", "18 Feb"]);
  });
});
