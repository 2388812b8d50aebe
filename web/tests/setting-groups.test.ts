import { describe, expect, it } from "vitest";

import type { ParameterCard, Settings } from "@/model/document";
import { drawRates, rateWords } from "@/model/rateCurve";
import { settingGroups } from "@/model/settingGroups";

const card = (name: string, group: string, changes: Partial<ParameterCard> = {}) => ({ name, group, default: 0, ...changes }) as ParameterCard;
const CARDS = [
  card("epochs", "length", { default: 30 }),
  card("mixup", "augmentation"),
  card("mixup_labels", "augmentation", { default: "mix", only_with: { name: "mixup", values: [] } }),
];
const names = (settings: Partial<Settings>, named: string[] = []) => settingGroups(CARDS, settings as Settings, named);

describe("the groups of settings", () => {
  it("hold what has a meaning now, in the order of the cards", () => {
    const plain = names({ epochs: 30, mixup: 0, mixup_labels: "mix" });
    expect(plain.map((group) => [group.name, group.cards.map((each) => each.name)])).toEqual([["length", ["epochs"]], ["augmentation", ["mixup"]]]);
    expect(names({ epochs: 30, mixup: 0.2 })[1]?.cards.map((each) => each.name)).toEqual(["mixup", "mixup_labels"]);
  });

  it("tell what was changed", () => {
    const changed = names({ epochs: 30, mixup: 0.2, mixup_labels: "mix" }).map((group) => group.changed.map(({ card: each, value }) => [each.name, value]));
    expect(changed).toEqual([[], [["mixup", 0.2]]]);
  });

  it("show a setting that a problem names, whatever it goes with", () => {
    const group = names({ epochs: 30, mixup: 0 }, ["mixup_labels"])[1];
    expect([group?.inNeed, group?.cards.length]).toEqual([true, 2]);
  });
});

describe("the curve of the learning rate", () => {
  const frame = { width: 200, height: 100, left: 40, right: 10, top: 10, bottom: 20 };

  it("reaches from the first epoch to the last, the highest rate at the top", () => {
    const drawing = drawRates([{ epoch: 0, rate: 0.01 }, { epoch: 5, rate: 0.005 }, { epoch: 9.9, rate: 0 }], 10, frame);
    expect(drawing.path).toBe("M40.0 10.0L115.0 45.0L188.5 80.0L190.0 80.0");
    expect(drawing.rates.map(({ words }) => words)).toEqual(["0.01", "0.005", "0"]);
    expect(drawing.epochs.map(({ words }) => words)).toEqual(["0", "5", "10"]);
  });

  it("writes rates as a person reads them", () => {
    expect([0.001, 0.00033333, 1, 4e-8, 0].map(rateWords)).toEqual(["0.001", "0.000333", "1", "4e-8", "0"]);
  });
});
