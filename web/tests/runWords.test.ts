import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";

import { canStop, checkpointSince, stateWords } from "@/features/evaluation/runWords";
import type { Run } from "@/features/evaluation/series";

const t = ((key: string, params?: { place: number }) => (params ? `${key} ${params.place}` : key)) as unknown as TFunction<"evaluation">;
const aRun = (changes: Partial<Run>): Run => ({ state: "running", checkpoints: [], queue_place: null, ...changes }) as Run;

describe("what is said about a run", () => {
  it("tells a waiting run's place", () => {
    expect(stateWords(aRun({ state: "queued", queue_place: 2 }), t)).toBe("waitingPlace 2");
    expect(stateWords(aRun({ state: "interrupted" }), t)).toBe("state.interrupted");
  });

  it("counts only checkpoints of the process at work", () => {
    const checkpoints = [{ id: "c", epoch: 20, is_best: true, bytes: 1, created_at: "2026-01-01T10:00:00Z" }] as Run["checkpoints"];
    expect(checkpointSince(aRun({ checkpoints }), "2026-01-01T10:03:00Z")).toBeUndefined();
    expect(checkpointSince(aRun({ checkpoints }), "2026-01-01T09:00:00Z")?.epoch).toBe(20);
    expect(checkpointSince(aRun({ checkpoints }), null)).toBeUndefined();
  });

  it("can stop what waits or works", () => {
    const states = (["queued", "starting", "running", "stopping", "done", "failed"] as const).filter((state) => canStop(aRun({ state })));
    expect(states).toEqual(["queued", "starting", "running"]);
  });
});
