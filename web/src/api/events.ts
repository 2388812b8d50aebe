/**
 * Live events: one stream per frame. It goes on after a broken connection where it stopped,
 * because the server numbers its events and replays what was missed.
 */
import { hashKey, type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { API_PREFIX, type Schemas } from "./client";
import { applyLiveEvent, type LiveEvent } from "./liveUpdates";
import { keys } from "./queries";

type Connection = "open" | "lost";

const TYPES: Record<LiveEvent["type"], true> = {
  job_changed: true, run_changed: true, run_stepped: true, loss_curve_grew: true, probe_changed: true, epoch_ended: true,
  dataset_changed: true, experiment_changed: true, competition_changed: true, bundle_changed: true, run_group_changed: true,
};
/** Questions that many events of a burst make stale are asked once. */
const GATHER_MS = 250;
/** A restart of the studio or a nap of the laptop is not worth a word before this. */
const LOST_AFTER_MS = 2_500;
const REOPEN_AFTER_MS = 3_000;

let connection: Connection = "open";
const listeners = new Set<() => void>();

function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection);

/** Whether the studio does not answer: what is shown is what was known last, and nothing can be asked of it. */
export const useLost = (): boolean => useConnection() === "lost";

/** Keep the cache of replies up to date while mounted, with the events of one project or of all. */
export function useLiveEvents(projectId?: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const stream = new LiveStream(client, projectId);
    return () => stream.close();
  }, [client, projectId]);
}

class LiveStream {
  private source: EventSource | null = null;
  private lastId: number | null = null;
  private readonly staleKeys = new Map<string, QueryKey>();
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private losing: ReturnType<typeof setTimeout> | undefined;
  private reopening: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: QueryClient,
    private readonly projectId: string | undefined,
  ) {
    this.open();
  }

  close(): void {
    this.source?.close();
    for (const timer of [this.gathering, this.losing, this.reopening]) clearTimeout(timer);
    setConnection("open");
  }

  private open(): void {
    const query = new URLSearchParams();
    if (this.projectId) query.set("project_id", this.projectId);
    if (this.lastId !== null) query.set("last_event_id", String(this.lastId));
    const source = new EventSource(`${API_PREFIX}/events?${query}`);
    source.onopen = () => this.opened();
    source.onerror = () => this.broken(source);
    for (const type of Object.keys(TYPES)) source.addEventListener(type, (message: MessageEvent<string>) => this.hear(message));
    this.source = source;
  }

  private opened(): void {
    clearTimeout(this.losing);
    this.losing = undefined;
    setConnection("open");
    // What was asked before the stream began may have missed an event in between.
    void this.client.invalidateQueries({ predicate: (query) => query.queryHash !== hashKey(keys.catalogue) });
  }

  private broken(source: EventSource): void {
    this.losing ??= setTimeout(() => setConnection("lost"), LOST_AFTER_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    // The browser gives up after a refusal, such as a proxy's "bad gateway"; the studio may be back soon.
    clearTimeout(this.reopening);
    this.reopening = setTimeout(() => this.open(), REOPEN_AFTER_MS);
  }

  private hear(message: MessageEvent<string>): void {
    const { id, event } = JSON.parse(message.data) as Schemas["LiveEventEnvelope"];
    this.lastId = id;
    applyLiveEvent(this.client, event, (key) => this.staleKeys.set(hashKey(key), key));
    if (this.staleKeys.size > 0) this.gathering ??= setTimeout(() => this.ask(), GATHER_MS);
  }

  private ask(): void {
    this.gathering = undefined;
    const stale = [...this.staleKeys.values()];
    this.staleKeys.clear();
    for (const queryKey of stale) void this.client.invalidateQueries({ queryKey });
  }
}
