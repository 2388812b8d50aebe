import { describe, expect, it } from "vitest";

import { bestOf, comparableBy } from "@/features/evaluation/comparable";
import { type Named, type Run, runStyle } from "@/features/evaluation/series";

function named(name: string, changes: Partial<Run>): Named {
  const run = { id: name, target: "kind", loss: "categorical_crossentropy", best_by: "accuracy", metric_names: ["loss", "accuracy"], ...changes } as unknown as Run;
  return { run, name, style: runStyle(0) };
}

const price: Partial<Run> = { target: "price", loss: "mean_squared_error", best_by: "loss", metric_names: ["loss", "mean_absolute_error"], error_units: { target: "price", several: false, errors: "real", loss: "real" } };
const names = (some: readonly Named[]) => some.map(({ name }) => name);

describe("runs in one chart", () => {
  const shown = [named("a", {}), named("b", price), named("c", {}), named("d", { loss: "mean_squared_error" })];

  it("learn the same target by the same loss as the chosen one; the others are named with the reason", () => {
    const chart = comparableBy("loss", shown, "c");
    expect(names(chart.drawn)).toEqual(["a", "c"]);
    expect(chart.left).toEqual([{ why: "target", names: ["b"] }, { why: "loss", names: ["d"] }]);
    expect(names(comparableBy("loss", shown, "b").drawn)).toEqual(["b"]);
    expect(names(comparableBy("accuracy", shown, "a").drawn)).toEqual(["a", "c", "d"]);
  });

  it("are those that have the metric when the chosen one has not, and none when none has", () => {
    const chart = comparableBy("mean_absolute_error", shown, "a");
    expect([names(chart.drawn), chart.left]).toEqual([["b"], []]);
    expect(comparableBy("r2", shown, "a")).toEqual({ drawn: [], left: [] });
  });

  it("count errors in the same units", () => {
    const older = named("e", { ...price, error_units: { target: "price", several: false, errors: "normalized", loss: "real" } });
    expect(comparableBy("mean_absolute_error", [named("b", price), older], "b").left).toEqual([{ why: "units", names: ["e"] }]);
    expect(names(comparableBy("loss", [named("b", price), older], "b").drawn)).toEqual(["b", "e"]);
  });
});

describe("the best", () => {
  it("says of what it is the best where there are several", () => {
    const [kind, cost, byLoss] = [named("a", {}).run, named("b", price).run, named("c", { best_by: "loss" }).run];
    expect(bestOf(kind, [kind])).toBe("all");
    expect(bestOf(kind, [kind, cost])).toBe("target");
    expect(bestOf(kind, [kind, cost, byLoss])).toBe("measure");
  });
});
