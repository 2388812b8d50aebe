/** Marks of subsets tell apart, in light and dark, and for who sees some colours as one. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { markAt, type SubsetMark } from "@/features/datasets/subsetMarks";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Training, Validation, Test, and five more. */
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7];
const CLEARLY_APART = 20;
const APART = 12;
/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const SIGHTS: Record<string, Matrix> = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const TO_XYZ: Matrix = [[0.4338, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]];

const [light = "", dark = ""] = readFileSync(new URL("../src/ui/tokens.css", import.meta.url), "utf8").split('[data-theme="dark"]');

const times = (matrix: Matrix, [a, b, c]: Triple): Triple => {
  const [one, two, three] = matrix.map(([x, y, z]) => x * a + y * b + z * c);
  return [one ?? 0, two ?? 0, three ?? 0];
};

function seen(css: string, { tone }: SubsetMark, sight: Matrix): Triple {
  const hex = new RegExp(`--${tone}: #([0-9a-f]{6})`).exec(css)?.[1] ?? "";
  const linear = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  const cut = times(sight, linear as unknown as Triple).map((each) => Math.min(1, Math.max(0, each)));
  const [x = 0, y = 0, z = 0] = times(TO_XYZ, cut as unknown as Triple).map((each) => (each > 0.008856 ? Math.cbrt(each) : 7.787 * each + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (one: Triple, other: Triple) => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
const pairs = PLACES.flatMap((one) => PLACES.filter((other) => other > one).map((other) => [markAt(one), markAt(other)] as const));

describe.each([["light", light], ["dark", dark]])("marks of subsets, %s", (_theme, css) => {
  it("have eight colours", () => {
    for (const [one, other] of pairs) expect(distance(seen(css, one, SIGHTS["usual"] as Matrix), seen(css, other, SIGHTS["usual"] as Matrix)), `${one.tone} ${other.tone}`).toBeGreaterThan(APART);
  });
  it.each(Object.keys(SIGHTS))("tell apart with %s by pattern where not by colour", (name) => {
    const sight = SIGHTS[name] as Matrix;
    for (const [one, other] of pairs) {
      if (one.pattern === other.pattern) expect(distance(seen(css, one, sight), seen(css, other, sight)), `${one.tone} ${other.tone}`).toBeGreaterThan(CLEARLY_APART);
    }
  });
});

describe("a mark", () => {
  it("is of one subset alone, in the folds of ten, too", () => {
    const marks = Array.from({ length: 38 }, (_, place) => `${markAt(place).tone} ${markAt(place).pattern}`);
    expect(new Set(marks).size).toBe(marks.length);
  });
});
