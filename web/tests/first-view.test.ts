import { expect, test } from "vitest";

import { firstView, READABLE_ZOOM } from "@/features/modeling/firstView";

test("a small model is shown whole and never enlarged", () => {
  const view = firstView({ x: 0, y: 0, width: 380, height: 400 }, 900, 800);
  expect(view.zoom).toBe(1);
  expect(view.x).toBeCloseTo((900 - 380) / 2);
});

test("a long model begins at its top, at a zoom that can be read", () => {
  const view = firstView({ x: 100, y: 50, width: 380, height: 2000 }, 900, 800);
  expect(view.zoom).toBe(READABLE_ZOOM);
  expect(view.y + 50 * view.zoom).toBeGreaterThan(56);
  expect(view.y + 50 * view.zoom).toBeLessThan(80);
  expect(view.x + 100 * view.zoom).toBeCloseTo((900 - 380 * READABLE_ZOOM) / 2);
});

test("a wide model begins at its left edge", () => {
  const view = firstView({ x: -20, y: 0, width: 3000, height: 300 }, 900, 800);
  expect(view.x - 20 * view.zoom).toBeCloseTo(32);
});
