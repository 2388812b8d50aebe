import type { TFunction } from "i18next";
import { describe, expect, it, vi } from "vitest";

import type { Schemas } from "@/api/client";
import { runName } from "@/ui/runName";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("document", { documentElement: {} });
const { groupCounts, groupMark, groupStanding, isInUse, settingOperations, standingWords, whereabouts, withLiveStates } = await import("@/features/evaluation/groupWords");

type Group = Schemas["RunGroup"];
type Run = Schemas["Run"];

const t = ((key: string, params?: object) => [key, ...Object.values(params ?? {})].join(" ")) as unknown as TFunction<"groups">;
const aGroup = (states: Run["state"][], state: Group["state"] = "running") =>
  ({ state, total: states.length, trials: states.map((each, place) => ({ number: place + 1, run_id: `run-${place}`, state: each })) }) as Group;
const aRun = (changes: Partial<Run> = {}) =>
  ({ id: "run-0", number: 3, state: "running", epochs: [], settings: { epochs: 8 }, progress: { epoch: 1, step: 4, steps_per_epoch: 10 }, ...changes }) as Run;

describe("what is so with a group", () => {
  it("waits while all of its runs wait, and says for how many", () => {
    const group = aGroup(["queued", "queued"]);
    expect([groupStanding(group), groupMark(group), standingWords(group, t)]).toEqual(["waiting", "wait", "waitingInQueue 2"]);
    expect(groupStanding(aGroup(["done", "queued"]))).toBe("waiting");
  });

  it("runs only while one of its runs does", () => {
    expect(groupStanding(aGroup(["running", "queued"]))).toBe("running");
    expect(groupStanding(aGroup(["done", "paused"]))).toBe("paused");
    expect(groupStanding(aGroup(["done", "stopped"], "stopped"))).toBe("stopped");
    expect(groupCounts(aGroup(["running", "paused", "queued", "done"]))).toMatchObject({ running: 1, paused: 1, waiting: 1, done: 1 });
  });

  it("tells that an experiment has the settings of a trial already", () => {
    const settings = { learning_rate: 0.001, batch_size: 32 } as Schemas["Experiment"]["settings"];
    expect(isInUse({ learning_rate: 0.001, batch_size: 32 }, settings)).toBe(true);
    expect(isInUse({ learning_rate: 0.01, batch_size: 32 }, settings)).toBe(false);
    expect(isInUse({ learning_rate: 0.001, snippet: "snp_1" }, settings)).toBe(false);
  });

  it("follows the run that live events tell of", () => {
    expect(groupStanding(withLiveStates(aGroup(["queued"]), [aRun()]))).toBe("running");
  });

  it("says how far a run is in its first epoch, where there is no value yet", () => {
    expect(whereabouts(aRun(), t)).toBe("runFirstEpoch 3 40 %");
    expect(whereabouts(aRun({ state: "starting" }), t)).toBe("runStarts 3");
    expect(whereabouts(aRun({ epochs: [{}] as Run["epochs"], progress: { epoch: 3, step: 0, steps_per_epoch: 10 } }), t)).toBe("runInEpoch 3 3 8 25 %");
    expect(whereabouts(aRun({ state: "queued" }), t)).toBe("");
  });
});

describe("the settings of a trial", () => {
  it("are edits of the experiment, unless the model was varied", () => {
    const rate = { op: "set_setting", name: "learning_rate", value: 0.01 };
    expect(settingOperations({ learning_rate: 0.01, snippet: "as_drawn" })).toEqual([rate]);
    expect(settingOperations({ learning_rate: 0.01, snippet: "cnn_small" })).toBeNull();
  });
});

describe("the name of a run", () => {
  it("has its number where its experiment has several", () => {
    const run = { id: "a", experiment_id: "e", experiment_name: "Experiment v1", number: 2 } as Run;
    expect(runName(run, [run], t as unknown as TFunction<"evaluation">)).toBe("Experiment v1");
    expect(runName(run, [run, { ...run, id: "b" }], t as unknown as TFunction<"evaluation">)).toBe("runOfExperiment Experiment v1 2");
  });
});
