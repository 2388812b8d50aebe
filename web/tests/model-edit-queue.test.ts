import { describe, expect, it } from "vitest";

import { applyOperations } from "@/model/applyOperations";
import type { Experiment, Operation } from "@/model/document";
import { type Door, EditQueue, type Outcome, type Step } from "@/model/editQueue";

const experiment = (revision: number): Experiment => ({
  id: "exp_1",
  project_id: "prj_1",
  name: "Experiment v1",
  revision,
  graph: { format: 1, blocks: [], wires: [] },
  settings: { batch_size: 28 } as Experiment["settings"],
  analysis: { blocks: {}, problems: [], parameters: null, can_run: false },
  can_undo: false,
  can_redo: false,
  data: null,
  created_at: "2026-01-01T00:00:00Z",
  changed_at: "2026-01-01T00:00:00Z",
});

const put = (id: string): Operation => ({ op: "add_block", block: { id, kind: "dense", params: {}, position: { x: 0, y: 0 } } });

/** A server in memory with the rules of the real one: an edit on an old revision is refused. */
class MemoryServer implements Door {
  now = experiment(1);
  bases: number[] = [];
  cut = 0;
  refuse: string | null = null;

  async send(step: Step, baseRevision: number): Promise<Outcome> {
    await Promise.resolve();
    if (this.cut > 0) {
      this.cut -= 1;
      return { unreachable: true };
    }
    this.bases.push(baseRevision);
    if (step.kind !== "edit") return { experiment: this.now };
    if (baseRevision !== this.now.revision) return { conflict: true };
    if (this.refuse && step.operations.some((operation) => operation.op === "add_block" && operation.block.id === this.refuse)) {
      return { refused: { code: "graph.edit_impossible", params: {}, message: "", fix: "" } };
    }
    this.edit(step.operations);
    return { experiment: this.now };
  }

  edit(operations: Operation[]): void {
    this.now = { ...this.now, ...applyOperations(this.now, operations), revision: this.now.revision + 1 };
  }

  fetch(): Promise<Outcome> {
    return Promise.resolve({ experiment: this.now });
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }
}

const ids = (shown: Experiment) => (shown.graph.blocks ?? []).map((block) => block.id);

describe("the queue of edits", () => {
  it("shows an edit at once and sends quick ones in order, each on the newest revision", async () => {
    const server = new MemoryServer();
    const queue = new EditQueue(server.now, server);
    for (const id of ["a", "b", "c"]) queue.push([put(id)]);
    expect(ids(queue.getState().experiment)).toEqual(["a", "b", "c"]);
    expect(queue.getState().save).toBe("saving");
    await queue.flush();
    expect(ids(server.now)).toEqual(["a", "b", "c"]);
    expect(server.bases).toEqual([1, 2, 3]);
    expect(queue.getState()).toMatchObject({ save: "saved", notice: null });
  });

  it("puts waiting edits on top of an edit made elsewhere, and says so", async () => {
    const server = new MemoryServer();
    const queue = new EditQueue(server.now, server);
    server.edit([put("theirs")]);
    queue.push([put("mine")]);
    await queue.flush();
    expect(ids(server.now)).toEqual(["theirs", "mine"]);
    expect(ids(queue.getState().experiment)).toEqual(["theirs", "mine"]);
    expect(queue.getState().notice).toEqual({ kind: "edited_elsewhere" });
  });

  it("keeps every edit while the server does not answer", async () => {
    const server = new MemoryServer();
    server.cut = 3;
    const queue = new EditQueue(server.now, server);
    queue.push([put("a")]);
    queue.push([put("b")]);
    await queue.flush();
    expect(ids(server.now)).toEqual(["a", "b"]);
  });

  it("drops only the edit that the server refuses, with its reason", async () => {
    const server = new MemoryServer();
    server.refuse = "b";
    const queue = new EditQueue(server.now, server);
    for (const id of ["a", "b", "c"]) queue.push([put(id)]);
    await queue.flush();
    expect(ids(queue.getState().experiment)).toEqual(["a", "c"]);
    expect(queue.getState().notice).toMatchObject({ kind: "refused", problem: { code: "graph.edit_impossible" } });
  });

  it("lets an older word of the server change nothing", async () => {
    const server = new MemoryServer();
    const queue = new EditQueue(server.now, server);
    queue.push([put("a")]);
    await queue.flush();
    queue.accept(experiment(1));
    expect(ids(queue.getState().experiment)).toEqual(["a"]);
  });
});
