import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";

import type { Schemas } from "@/api/client";
import { engineFacts } from "@/features/evaluation/engineWords";

const t = ((key: string, params?: Record<string, string>) => [key, ...Object.values(params ?? {})].join(" ")) as unknown as TFunction<"evaluation">;
const trial = (precision: "float32" | "bfloat16", seconds: number, xla = false) => ({ precision, xla, seconds_per_row: seconds, loss_difference: 0, gradient_agreement: 1 });

function facts(changes: Partial<Schemas["EngineChoice"]>): [string, string][] {
  const engine = { backend: "tensorflow", precision: "bfloat16", threads: 2, xla: false, why: "measured", trials: [], ...changes };
  return engineFacts({ precision: engine.precision, engine } as unknown as Schemas["MachineFacts"], t);
}

describe("how a run computes", () => {
  it("says how much faster the choice was", () => {
    expect(facts({ trials: [trial("float32", 3), trial("bfloat16", 1.5)] })).toEqual([["precision", "engine.faster bfloat16 2.0"], ["threads", "2"]]);
    expect(facts({ precision: "float32", trials: [trial("float32", 1), trial("bfloat16", 2)] })[0]).toEqual(["precision", "engine.fastest float32"]);
  });

  it("says why nothing was tried, and what was compiled", () => {
    expect(facts({ why: "by_setting" })[0]).toEqual(["precision", "engine.by_setting bfloat16"]);
    expect(facts({ xla: true })).toContainEqual(["compiled", "compiledByXla"]);
    expect(facts({ steps_at_once: 64 }).map(([label]) => label)).toContain("stepsAtOnce");
    expect(facts({ steps_at_once: 1 }).map(([label]) => label)).not.toContain("stepsAtOnce");
  });

  it("knows nothing before the start, and the precision alone of an older run", () => {
    expect(engineFacts(null, t)).toEqual([["precision", "knownAtStart"]]);
    expect(engineFacts({ precision: "float32" } as Schemas["MachineFacts"], t)).toEqual([["precision", "float32"]]);
  });
});
