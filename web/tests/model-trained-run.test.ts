import { describe, expect, it } from "vitest";

import type { Schemas } from "@/api/client";
import { trainedRun } from "@/model/trainedRun";

type Run = Schemas["Run"];

const run = (id: string, day: number, state: Run["state"], checkpoints: number, experiment = "exp_1"): Run =>
  ({ id, experiment_id: experiment, state, created_at: `2026-01-0${day}T00:00:00Z`, checkpoints: Array.from({ length: checkpoints }) }) as unknown as Run;

describe("the run whose model can be downloaded", () => {
  it("is the newest finished one with a checkpoint", () => {
    expect(trainedRun([run("old", 1, "done", 3), run("new", 2, "stopped", 1)], "exp_1")?.id).toBe("new");
  });

  it("is not hidden by a later run that failed, waits or is under way", () => {
    const runs = [run("failed", 3, "failed", 0), run("waits", 4, "queued", 0), run("live", 5, "running", 2), run("done", 1, "done", 3)];
    expect(trainedRun(runs, "exp_1")?.id).toBe("done");
  });

  it("is none without a model, and never one of another experiment", () => {
    expect(trainedRun([run("live", 1, "running", 2), run("failed", 2, "failed", 0), run("other", 3, "done", 1, "exp_2")], "exp_1")).toBeNull();
  });
});
