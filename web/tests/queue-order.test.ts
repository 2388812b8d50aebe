import { describe, expect, it } from "vitest";

import { moved } from "@/model/queueOrder";

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
});
