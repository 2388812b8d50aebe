/** What a person does with a run: stop it, or go on from its last checkpoint. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

export function useStopRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/stop", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}

export function usePauseRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/pause", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}

/** Train further from a checkpoint, as a new run. */
export function useFollowUpRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ runId, wanted }: { runId: string; wanted: Schemas["RunFollowUp"] }) => unwrap(api.POST("/api/v1/runs/{run_id}/follow-up", { params: { path: { run_id: runId } }, body: wanted })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}

/** Make an experiment of what a run was made with. */
export function useDuplicateRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/duplicate", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.experiments(projectId) }),
  });
}

export function useContinueRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/continue", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}
