import { describe, expect, it } from "vitest";

import { inOrder, moved, without } from "@/model/queueOrder";

describe("the order of a queue", () => {
  it("moves one and keeps the others in their order", () => {
    expect(moved(["a", "b", "c"], "c", 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
  });
  it("stays within the ends", () => {
    expect(moved(["a", "b"], "a", 9)).toEqual(["b", "a"]);
    expect(moved(["a", "b"], "b", -1)).toEqual(["b", "a"]);
  });
  it("moves nothing that left meanwhile", () => expect(moved(["a", "b"], "x", 0)).toEqual(["a", "b"]));

  it("deals the places out anew, those of others left alone", () => {
    const waiting = [{ job_id: "a", place: 1 }, { job_id: "b", place: 3 }, { job_id: "c", place: 4 }];
    expect(inOrder(waiting, ["c", "a", "b"])).toEqual([{ job_id: "c", place: 1 }, { job_id: "a", place: 3 }, { job_id: "b", place: 4 }]);
  });
  it("lets those behind one that leaves move up", () => {
    const waiting = [{ job_id: "a", place: 1 }, { job_id: "b", place: 2 }, { job_id: "c", place: 3 }];
    expect(without(waiting, new Set(["b"]))).toEqual([{ job_id: "a", place: 1 }, { job_id: "c", place: 2 }]);
    expect(without(waiting, new Set())).toEqual(waiting);
  });
});
