/**
 * Edits on their way to the server: one after another, each on the revision that the one before it made.
 *
 * Takes   operations as fast as a person makes them, and a door to the server.
 * Gives   the experiment as it will be, at once; what the server said, as soon as it said it.
 * Never   loses an edit: without an answer it waits and tries again; after an edit made elsewhere it takes the
 *         newest revision and puts the waiting edits on top of it.
 */
import type { Problem } from "@/api/client";

import { applyOperations } from "./applyOperations";
import type { Experiment, Operation } from "./document";

export type Step = { kind: "edit"; operations: Operation[] } | { kind: "undo" } | { kind: "redo" };
export type Outcome = { experiment: Experiment } | { conflict: true } | { unreachable: true } | { refused: Problem };

export interface Door {
  send(step: Step, baseRevision: number): Promise<Outcome>;
  fetch(): Promise<Outcome>;
  /** Wait before asking again. */
  pause(): Promise<void>;
}

export type Notice = { kind: "edited_elsewhere" } | { kind: "refused"; problem: Problem };
export type SaveState = "saved" | "saving" | "unreachable";

export type QueueState = {
  /** The server's newest word with the waiting edits on top. */
  experiment: Experiment;
  save: SaveState;
  notice: Notice | null;
};

export class EditQueue {
  private server: Experiment;
  private waiting: Step[] = [];
  private running = false;
  private state: QueueState;
  private readonly listeners = new Set<() => void>();
  private settled: (() => void)[] = [];

  constructor(
    first: Experiment,
    private readonly door: Door,
    private readonly heard: (experiment: Experiment) => void = () => undefined,
  ) {
    this.server = first;
    this.state = { experiment: first, save: "saved", notice: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): QueueState => this.state;

  /** Carry out one edit: seen at once, sent in turn. */
  push(operations: Operation[]): void {
    if (operations.length > 0) this.enqueue({ kind: "edit", operations });
  }

  /** Take the last step back; nothing happens when there is none. */
  undo(): void {
    if (this.waiting.length > 0 || this.server.can_undo) this.enqueue({ kind: "undo" });
  }

  redo(): void {
    if (this.waiting.length > 0 || this.server.can_redo) this.enqueue({ kind: "redo" });
  }

  dismissNotice(): void {
    this.publish({ notice: null });
  }

  /** Take an experiment that arrived by another way; an older one changes nothing. */
  accept(experiment: Experiment): void {
    const newer = experiment.revision > this.server.revision || experiment.changed_at > this.server.changed_at;
    const sameButFresh = experiment.revision === this.server.revision && !this.running;
    if (experiment.id !== this.server.id || (!newer && !sameButFresh) || experiment === this.server) return;
    this.server = experiment;
    this.publish({});
  }

  /** Resolve when every edit has been answered. */
  async flush(): Promise<void> {
    if (!this.running && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.settled.push(resolve));
  }

  private enqueue(step: Step): void {
    this.waiting.push(step);
    this.publish({ save: this.state.save === "unreachable" ? "unreachable" : "saving" });
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let step = this.waiting[0]; step; step = this.waiting[0]) {
      const outcome = await this.door.send(step, this.server.revision);
      if ("experiment" in outcome) this.finish(outcome.experiment, {});
      else if ("refused" in outcome) this.finish(this.server, { notice: { kind: "refused", problem: outcome.refused } });
      else if ("conflict" in outcome) await this.catchUp();
      else await this.waitForServer();
    }
    this.running = false;
    this.publish({ save: "saved" });
    const resolved = this.settled;
    this.settled = [];
    for (const resolve of resolved) resolve();
  }

  private finish(experiment: Experiment, change: Partial<QueueState>): void {
    this.waiting.shift();
    this.server = experiment;
    this.publish({ save: this.waiting.length > 0 ? "saving" : "saved", ...change });
    this.heard(experiment);
  }

  private async catchUp(): Promise<void> {
    const newest = await this.door.fetch();
    if ("experiment" in newest) {
      this.server = newest.experiment;
      this.publish({ notice: { kind: "edited_elsewhere" } });
    } else if ("refused" in newest) {
      // The experiment itself is gone: nothing can be put on top of it.
      this.waiting = [];
      this.publish({ notice: { kind: "refused", problem: newest.refused } });
    } else {
      await this.waitForServer();
    }
  }

  private async waitForServer(): Promise<void> {
    this.publish({ save: "unreachable" });
    await this.door.pause();
  }

  private publish(change: Partial<QueueState>): void {
    const operations = this.waiting.flatMap((step) => (step.kind === "edit" ? step.operations : []));
    const edited = applyOperations({ graph: this.server.graph, settings: this.server.settings }, operations);
    const experiment = operations.length > 0 ? { ...this.server, ...edited } : this.server;
    this.state = { ...this.state, ...change, experiment };
    for (const listener of this.listeners) listener();
  }
}
