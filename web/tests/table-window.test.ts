import { expect, test } from "vitest";

import { barTopOf, columnSpan, isMapped, rowSpan, scrollMap, startsOf, stretched, TALLEST_PX, topOf, topThatShows } from "@/features/datasets/tableWindow";

test("only the rows in sight are drawn, and a few beside them", () => {
  expect(rowSpan(940, 470, 94, 1_000_000, 3)).toEqual({ first: 7, end: 18 });
  expect(rowSpan(0, 470, 94, 2, 3)).toEqual({ first: 0, end: 2 });
  expect(rowSpan(0, 470, 94, 0, 3)).toEqual({ first: 0, end: 0 });
});

test("of 16 384 columns only those in sight are drawn", () => {
  const starts = startsOf(Array.from({ length: 16_384 }, () => 168));
  const span = columnSpan(starts, 168 * 9_000 + 10, 168 * 9_000 + 900);
  expect(span).toEqual({ first: 9_000, end: 9_006 });
  expect(columnSpan(starts, -240, 100)).toEqual({ first: 0, end: 1 });
  expect(columnSpan(startsOf([]), 0, 800)).toEqual({ first: 0, end: 0 });
});

test("what is left of a wide window goes to the columns that may grow", () => {
  expect(stretched([100, 100, 50], [false, true, true], 350)).toEqual([100, 150, 100]);
  expect(stretched([100, 100], [false, false], 350)).toEqual([100, 100]);
  expect(stretched([300, 100], [true, false], 350)).toEqual([300, 100]);
});

test("a million rows of pictures fit below the height that browsers can make, from the first to the last", () => {
  const map = scrollMap(1_000_000, 94, 700);
  expect(isMapped(map)).toBe(true);
  expect(map.barPx).toBe(TALLEST_PX);
  expect(topOf(map, 0)).toBe(0);
  expect(topOf(map, map.barPx - map.viewPx)).toBeCloseTo(map.contentPx - map.viewPx);
  for (const top of [0, 94, 12_345_678, map.contentPx - map.viewPx]) expect(topOf(map, barTopOf(map, top))).toBeCloseTo(top, 3);
});

test("a table that fits is scrolled pixel by pixel", () => {
  const map = scrollMap(5_000, 94, 700);
  expect(isMapped(map)).toBe(false);
  expect(topOf(map, 4_321)).toBe(4_321);
});

test("moving to a row scrolls no further than needed", () => {
  const map = scrollMap(1_000, 34, 340);
  expect(topThatShows(map, 340, 12, 34)).toBe(340);
  expect(topThatShows(map, 340, 3, 34)).toBe(102);
  expect(topThatShows(map, 340, 30, 34)).toBe(31 * 34 - 340);
  expect(topThatShows(map, 0, 999, 34)).toBe(1_000 * 34 - 340);
});
