/** One experiment being edited: its queue of edits, and the door that the queue speaks through. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";

import { api, ApiError, unwrap } from "@/api/client";
import { experimentQuery, keys } from "@/api/queries";
import type { Experiment, SnippetCard } from "@/model/document";
import { type Door, EditQueue, type Outcome, type QueueState, type Step } from "@/model/editQueue";

const RETRY_AFTER_MS = 2_000;

export function openDoor(experimentId: string): Door {
  const params = { path: { experiment_id: experimentId } };
  const ask = (step: Step, baseRevision: number) => {
    if (step.kind === "undo") return api.POST("/api/v1/experiments/{experiment_id}/undo", { params });
    if (step.kind === "redo") return api.POST("/api/v1/experiments/{experiment_id}/redo", { params });
    return api.POST("/api/v1/experiments/{experiment_id}/edits", { params, body: { base_revision: baseRevision, operations: step.operations } });
  };
  return {
    send: (step, baseRevision) => judge(unwrap(ask(step, baseRevision))),
    fetch: () => judge(unwrap(api.GET("/api/v1/experiments/{experiment_id}", { params }))),
    pause: () => new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS)),
  };
}

async function judge(reply: Promise<Experiment>): Promise<Outcome> {
  try {
    return { experiment: await reply };
  } catch (failure) {
    if (!(failure instanceof ApiError)) throw failure;
    if (failure.problem.code === "graph.edited_elsewhere") return { conflict: true };
    return failure.problem.code === "server.unreachable" ? { unreachable: true } : { refused: failure.problem };
  }
}

/** The snippets fitted to the data of an experiment; none when the server cannot say. */
export async function fittedSnippets(experimentId: string): Promise<SnippetCard[]> {
  try {
    return await unwrap(api.GET("/api/v1/experiments/{experiment_id}/snippets", { params: { path: { experiment_id: experimentId } } }));
  } catch (failure) {
    if (!(failure instanceof ApiError)) throw failure;
    return [];
  }
}

/** Give the queue of an experiment once it is loaded; newer words of the server reach it by the query. */
export function useSession(experimentId: string): { queue: EditQueue | null; failure: Error | null } {
  const client = useQueryClient();
  const query = useQuery({ ...experimentQuery(experimentId), enabled: experimentId !== "" });
  const [queues] = useState(() => new Map<string, EditQueue>());
  const loaded = query.data?.id === experimentId ? query.data : undefined;
  const [queue, setQueue] = useState<EditQueue | null>(null);
  if (loaded && queue?.getState().experiment.id !== experimentId) {
    let kept = queues.get(experimentId);
    if (!kept) {
      kept = new EditQueue(loaded, openDoor(experimentId), (heard) => {
        client.setQueryData(keys.experiment(heard.id), heard);
        void client.invalidateQueries({ queryKey: keys.experiments(heard.project_id) });
      });
      queues.set(experimentId, kept);
    }
    setQueue(kept);
  }
  useEffect(() => {
    if (loaded) queue?.accept(loaded);
  }, [loaded, queue]);
  return { queue: queue?.getState().experiment.id === experimentId ? queue : null, failure: query.error };
}

export const useQueueState = (queue: EditQueue): QueueState => useSyncExternalStore(queue.subscribe, queue.getState);
