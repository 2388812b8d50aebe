import { describe, expect, it } from "vitest";

import { remedies } from "@/features/evaluation/remedies";
import type { Run } from "@/features/evaluation/series";

const failed = (code: string, changes: object = {}, params: object = {}) =>
  ({ problem: { code, params }, checkpoints: [], settings: { epochs: 9, learning_rate: 0.003, clip: "none", first_stage_epochs: 0, ...changes } }) as unknown as Run;

describe("what a failed run can be run again with", () => {
  it("is a tenth of the rate, or a limited gradient, from the beginning where the weights ran away", () => {
    const anew = { start: "anew", epochs: 9 };
    for (const code of ["training.loss_is_nan", "training.output_is_nan", "training.gradient_is_nan"]) {
      expect(remedies(failed(code))).toEqual([
        { kind: "rate", value: 0.0003, wanted: { ...anew, settings: { learning_rate: 0.0003 } } },
        { kind: "clip", value: 0, wanted: { ...anew, settings: { clip: "norm" } } },
      ]);
    }
  });

  it("is the same again where it was stopped before it learnt anything", () => {
    const stopped = { ...failed(""), problem: null, state: "stopped", started_at: null, epochs: [], progress: { epoch: 0 } } as unknown as Run;
    expect(remedies(stopped)).toEqual([{ kind: "again", value: 0, wanted: { start: "anew", epochs: 9, settings: {} } }]);
    expect(remedies({ ...stopped, started_at: "2026-01-01T10:00:00Z", epochs: [{ epoch: 1 }] as Run["epochs"] })).toEqual([]);
    expect(remedies({ ...stopped, continues: { run_id: "r", number: 1, epoch: 4 } })).toEqual([]);
  });

  it("leaves out what would change nothing", () => {
    expect(remedies(failed("training.loss_is_nan", { clip: "value" })).map(({ kind }) => kind)).toEqual(["rate"]);
    expect(remedies(failed("training.loss_is_nan", { first_stage_epochs: 3 })).map(({ kind }) => kind)).toEqual(["clip"]);
    expect(remedies(failed("training.input_is_nan"))).toEqual([]);
  });

  it("is the batch size that fits, from the last checkpoint, where memory ran out", () => {
    const run = { ...failed("training.out_of_memory", {}, { fitting: 4 }), checkpoints: [{ epoch: 2 }] } as unknown as Run;
    expect(remedies(run)).toEqual([{ kind: "batch", value: 4, wanted: { start: "last", epochs: 7, settings: { batch_size: 4 } } }]);
    expect(remedies(failed("training.out_of_memory"))).toEqual([]);
  });
});
