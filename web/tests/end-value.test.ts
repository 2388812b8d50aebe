import { beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("document", { documentElement: {} });

describe("values at the ends of lines", () => {
  let endValue: typeof import("@/features/evaluation/endValue").endValue;
  beforeAll(async () => {
    ({ endValue } = await import("@/features/evaluation/endValue"));
  });

  it("have at most six signs, also off the chart", () => {
    const within = { minimum: 0, maximum: 1, valueDecimals: 3 };
    const off = [86_186.68, 234_852, 2_487_519, 2_487.5, 9e14, 12.3456, -234_852, -2_487, -12.5];
    expect(off.map((value) => endValue(value, within))).toEqual(["↑86K", "↑235K", "↑2.5M", "↑2.5K", "↑9e14", "↑12.3", "↓−235K", "↓−2.5K", "↓−12.5"]);
    const wide = { minimum: 0, maximum: 1e9, valueDecimals: 3 };
    expect([0.4687, 86_186.68, 234_852, 0.00012].map((value) => endValue(value, wide))).toEqual(["0.469", "86.2K", "235K", "1.2e−4"]);
  });
});
