import { describe, expect, it } from "vitest";

import { type ClassScore, sortedClasses, sortPressed, WORST_FIRST } from "@/features/evaluation/classes";

const score = (name: string, f1: number | null, rows = 4): ClassScore => ({ name, rows, said: 3, precision: f1, recall: f1, f1, average_precision: f1, roc_auc: null });
const names = (classes: readonly ClassScore[]) => classes.map((each) => each.name).join(" ");

describe("the classes of a run", () => {
  const classes = [score("bark", 0.9), score("hum", null, 0), score("rain", 0.2), score("drip", 0.2, 9), score("crow", 0)];

  it("stand with the worst first, the more frequent of equals before, and what is unknown last", () => {
    expect(names(sortedClasses(classes, WORST_FIRST))).toBe("crow drip rain bark hum");
    expect(names(sortedClasses(classes, { by: "f1", descending: true }))).toBe("bark drip rain crow hum");
  });

  it("are sorted by any column, the other way round on a second press", () => {
    const rows = sortPressed(WORST_FIRST, "rows");
    expect(rows).toEqual({ by: "rows", descending: true });
    expect(names(sortedClasses(classes, rows))).toBe("drip bark crow rain hum");
    expect(sortPressed(rows, "rows").descending).toBe(false);
    expect(names(sortedClasses(classes, sortPressed(WORST_FIRST, "name")))).toBe("bark crow drip hum rain");
    expect(names(sortedClasses(classes, { by: "roc_auc", descending: true }))).toBe("bark crow drip hum rain");
  });
});
