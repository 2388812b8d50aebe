import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";

import { canFollowUp, canStop, checkpointSince, isOnlyNoted, stateNow, stateWords, unitWords } from "@/features/evaluation/runWords";
import type { Run } from "@/features/evaluation/series";

const t = ((key: string, params?: { place: number }) => (params ? `${key} ${params.place}` : key)) as unknown as TFunction<"evaluation">;
const aRun = (changes: Partial<Run>): Run => ({ state: "running", checkpoints: [], queue_place: null, ...changes }) as Run;

describe("what is said about a run", () => {
  it("tells a waiting run's place", () => {
    expect(stateWords(aRun({ state: "queued", queue_place: 2 }), t)).toBe("waitingPlace 2");
    expect(stateWords(aRun({ state: "interrupted" }), t)).toBe("state.interrupted");
  });

  it("tells a stopped run that learnt nothing from one that was trained", () => {
    const stopped = { state: "stopped", epochs: [], progress: { epoch: 1 }, started_at: "2026-01-01T10:00:00Z" } as unknown as Partial<Run>;
    expect(stateWords(aRun({ ...stopped, started_at: null }), t)).toBe("state.neverStarted");
    expect(stateWords(aRun(stopped), t)).toBe("state.beforeFirstEpoch");
    expect(stateWords(aRun({ ...stopped, epochs: [{ epoch: 1 }] as Run["epochs"] }), t)).toBe("state.stopped");
  });

  it("says what was known last while the studio does not answer, of a run at work only", () => {
    const words = ((key: string, params?: { state: string }) => (params ? `${key} ${params.state}` : key)) as unknown as TFunction<"evaluation">;
    expect(stateNow(aRun({}), true, words)).toEqual({ mark: "wait", tone: "", words: "lastKnown state.running" });
    expect(stateNow(aRun({}), false, words)).toEqual({ mark: "live", tone: "live", words: "state.running" });
    expect(stateNow(aRun({ state: "done" }), true, words).words).toBe("state.done");
  });

  it("counts only checkpoints of the process at work", () => {
    const checkpoints = [{ id: "c", epoch: 20, is_best: true, bytes: 1, created_at: "2026-01-01T10:00:00Z" }] as Run["checkpoints"];
    expect(checkpointSince(aRun({ checkpoints }), "2026-01-01T10:03:00Z")).toBeUndefined();
    expect(checkpointSince(aRun({ checkpoints }), "2026-01-01T09:00:00Z")?.epoch).toBe(20);
    expect(checkpointSince(aRun({ checkpoints }), null)).toBeUndefined();
  });

  it("says in which units errors are, and where the runs of a chart differ", () => {
    const units = { target: "price", several: false, errors: "real", loss: "normalized" } as const;
    const metric_names = ["loss", "mean_absolute_error", "r2", "mean_absolute_percentage_error"];
    const now = aRun({ metric_names, error_units: units });
    const before = aRun({ metric_names, error_units: { ...units, errors: "normalized" } });
    expect(metric_names.map((metric) => unitWords(metric, now, t))).toEqual(["unit.normalized", "unit.real", "", ""].map((key) => key && `${key} undefined`));
    expect(metric_names.map((metric) => unitWords(metric, before, t))).toEqual(["unit.normalized", "unit.normalized", "", "unit.normalized"].map((key) => key && `${key} undefined`));
    expect(unitWords("mean_absolute_error", aRun({ error_units: { ...units, several: true } }), t)).toBe("unit.several undefined");
  });

  it("notes what ended a run that is done, and keeps the box of a failure for failures", () => {
    const states = (["running", "paused", "stopped", "done", "failed", "interrupted"] as const).filter((state) => isOnlyNoted(aRun({ state })));
    expect(states).toEqual(["running", "done"]);
    expect(isOnlyNoted(aRun({ state: "stopped", trial: { number: 1, values: {}, pruned: true } }))).toBe(true);
  });

  it("begins a new run with a kept epoch of one that ended or is paused", () => {
    const checkpoints = [{ id: "c", epoch: 2, is_best: true, bytes: 1, created_at: "2026-01-01T10:00:00Z" }] as Run["checkpoints"];
    const states = (["queued", "running", "pausing", "paused", "stopped", "done"] as const).filter((state) => canFollowUp(aRun({ state, checkpoints })));
    expect(states).toEqual(["paused", "stopped", "done"]);
    expect(canFollowUp(aRun({ state: "paused" }))).toBe(false);
  });

  it("can stop what waits or works", () => {
    const states = (["queued", "starting", "running", "stopping", "done", "failed"] as const).filter((state) => canStop(aRun({ state })));
    expect(states).toEqual(["queued", "starting", "running"]);
  });
});
