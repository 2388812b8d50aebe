/** What a person does with a run: stop it, or go on from its last checkpoint. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

export function useStopRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/stop", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}

export function useContinueRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/continue", { params: { path: { run_id: runId } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
}
