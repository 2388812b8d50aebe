import { describe, expect, it } from "vitest";

import { readNumber, readPair } from "@/model/numbers";
import { formatCount, formatShape, formatShortCount, formatTuple, parseShape } from "@/model/shape";
import { BASE_Y, drawStages } from "@/model/stageDrawing";
import { strandsOf, wireMiddle, wirePath } from "@/model/wireGeometry";

describe("shapes", () => {
  it.each(["256 × 256 × 1", "(256, 256, 1)", "256,256,1", "256x256x1", "256*256*1", "[256, 256, 1]", " 256 256 1 ", "（256，256，1）".replace(/[（）]/g, "")])("reads %s", (text) => {
    expect(parseShape(text)).toEqual([256, 256, 1]);
  });

  it.each(["(80,)", "80"])("reads the vector %s", (text) => {
    expect(parseShape(text)).toEqual([80]);
  });

  it.each(["", "a", "256 × ", "0, 3", "-1, 2", "2.5", "256,,1", "()"])("refuses %s", (text) => {
    expect(parseShape(text)).toBeNull();
  });

  it("reads back what it wrote", () => {
    for (const shape of [[1], [80], [256, 256], [2, 3, 4, 5]]) {
      expect(parseShape(formatShape(shape))).toEqual(shape);
      expect(parseShape(formatTuple(shape))).toEqual(shape);
    }
  });

  it("groups digits and shortens large counts", () => {
    expect([formatCount(1_049_088), formatShortCount(23_558_528), formatShortCount(570_000), formatShortCount(9_000)]).toEqual(["1,049,088", "23.6 M", "570 k", "9,000"]);
  });
});

describe("numbers", () => {
  it.each([
    ["80", { value: 80 }],
    ["1,000", { value: 1000 }],
    ["1e-3", { value: 0.001 }],
    [".5", { value: 0.5 }],
    ["", { fault: "not_a_number" }],
    ["80a", { fault: "not_a_number" }],
    ["0", { fault: "too_small" }],
    ["2000", { fault: "too_large" }],
  ])("reads %s as %o", (text, expected) => {
    expect(readNumber(text, { minimum: 0.0001, maximum: 1000 }, { whole: false })).toEqual(expected);
  });

  it("asks for a whole number where one is needed", () => {
    expect(readNumber("2.5", {}, { whole: true })).toEqual({ fault: "not_whole" });
  });

  it("reads a pair, and one number for both", () => {
    expect([readPair("3 × 5", {}), readPair("(3, 5)", {}), readPair("3", {})]).toEqual([{ value: [3, 5] }, { value: [3, 5] }, { value: [3, 3] }]);
    expect(readPair("3, 5, 7", {})).toEqual({ fault: "not_a_number" });
  });
});

describe("wires", () => {
  it.each([
    [null, 1],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
  ])("draws rank %s with %s strokes", (rank, strokes) => {
    expect(strandsOf(rank)).toHaveLength(strokes);
  });

  it("is straight on one rail and a cubic with 48 px of slack elsewhere", () => {
    expect(wirePath({ x: 28, y: 0 }, { x: 28, y: 36 })).toBe("M28 0V36");
    expect(wirePath({ x: 28, y: 0 }, { x: 128, y: 36 })).toBe("M28 0C28 48 128 -12 128 36");
    expect(wireMiddle({ x: 0, y: 0 }, { x: 100, y: 50 })).toEqual({ x: 50, y: 25 });
  });
});

it("draws one bar per unit on the base line, an arc per skip connection, and stays inside", () => {
  const stages = [
    { name: "Stem", units: 1, shape: [64, 64, 64], skip: false },
    { name: "Stage 1", units: 3, shape: [32, 32, 256], skip: true },
    { name: "Stage 2", units: 4, shape: [16, 16, 512], skip: true },
    { name: "Stage 3", units: 6, shape: [8, 8, 1024], skip: true },
    { name: "Stage 4", units: 3, shape: [8, 8, 2048], skip: true },
    { name: "Pool", units: 1, shape: [2048], skip: false },
  ];
  const drawing = drawStages(stages, 568);
  expect(drawing.bars).toHaveLength(18);
  expect(drawing.arcs).toHaveLength(16);
  expect(drawing.bars.every((bar) => bar.y + bar.height === BASE_Y && bar.x + bar.width <= 568)).toBe(true);
  expect(drawing.labels.map((label) => label.shape).at(-1)).toBe("2048");
});
