import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";

import type { Schemas } from "@/api/client";
import { engineFacts } from "@/features/evaluation/engineWords";

const t = ((key: string, params?: Record<string, string>) => [key, ...Object.values(params ?? {})].join(" ")) as unknown as TFunction<"evaluation">;
const trial = (precision: "float32" | "bfloat16", seconds: number, xla = false) => ({ precision, xla, seconds_per_row: seconds, loss_difference: 0, gradient_agreement: 1 });

function facts(changes: Partial<Schemas["EngineChoice"]>): [string, string][] {
  const engine = { backend: "tensorflow", backend_why: "processor", precision: "bfloat16", threads: 2, xla: false, why: "measured", trials: [], ...changes };
  return engineFacts({ backend: engine.backend, device: "Some CPU", precision: engine.precision, engine } as unknown as Schemas["MachineFacts"], t);
}

describe("how a run computes", () => {
  it("says how much faster the choice was", () => {
    expect(facts({ trials: [trial("float32", 3), trial("bfloat16", 1.5)] }).slice(2)).toEqual([["precision", "engine.faster bfloat16 2.0"], ["threads", "2"], ["compiled", "compiledNot"]]);
    expect(facts({ precision: "float32", trials: [trial("float32", 1), trial("bfloat16", 2)] })[2]).toEqual(["precision", "engine.fastest float32"]);
  });

  it("says why nothing was tried, and what was compiled", () => {
    expect(facts({ why: "by_setting" })[2]).toEqual(["precision", "engine.by_setting bfloat16"]);
    expect(facts({ xla: true })).toContainEqual(["compiled", "compiledByXla"]);
    expect(facts({ xla: true, trials: [trial("bfloat16", 3), trial("bfloat16", 2, true)] })).toContainEqual(["compiled", "compiledFaster 1.5"]);
    expect(facts({ trials: [trial("bfloat16", 2), trial("bfloat16", 3, true)] })).toContainEqual(["compiled", "compiledSlower"]);
    expect(facts({ xla: false })).toContainEqual(["compiled", "compiledNot"]);
    expect(facts({ steps_at_once: 64 }).map(([label]) => label)).toContain("stepsAtOnce");
    expect(facts({ steps_at_once: 1 }).map(([label]) => label)).not.toContain("stepsAtOnce");
  });

  it("says which backend, why, and on what", () => {
    expect(facts({}).slice(0, 2)).toEqual([["backend", "backendWhy.processor backendName.tensorflow tensorflow"], ["processor", "Some CPU"]]);
    expect(facts({ backend: "jax", backend_why: "by_setting" })[0]?.[1]).toContain("backendWhy.by_setting");
    expect(facts({ backend_why: null })[0]?.[1]).not.toContain("backendWhy");
    expect(facts({ backend: "jax" })).toContainEqual(["compiled", "compiledByXla"]); // always
  });

  it("knows nothing before the start, and no reasons of an older run", () => {
    expect(engineFacts(null, t)).toEqual([["backend", "knownAtStart"], ["precision", "knownAtStart"]]);
    const older = { backend: "tensorflow", device: "Some CPU", precision: "float32" } as Schemas["MachineFacts"];
    expect(engineFacts(older, t).map(([label]) => label)).toEqual(["backend", "processor", "precision"]);
  });
});
