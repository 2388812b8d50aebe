/** What both dialogs of many runs do: ask what a group will take, and start it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

import { useModeling } from "./ModelingContext";

export type GroupRequest = Schemas["SearchCreate"] | Schemas["FoldRunsCreate"];

export function useForecast(wanted: GroupRequest | null) {
  const { queue } = useModeling();
  const { experiment } = queue.getState();
  return useQuery({
    queryKey: [...keys.groupForecast(experiment.id), experiment.revision, wanted],
    queryFn: async () => {
      await queue.flush();
      return unwrap(api.POST("/api/v1/experiments/{experiment_id}/groups/forecast", { params: { path: { experiment_id: experiment.id } }, body: wanted as GroupRequest }));
    },
    enabled: wanted !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
}

export function useStartGroup() {
  const { queue, projectId } = useModeling();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (wanted: GroupRequest) => {
      await queue.flush();
      const path = { experiment_id: queue.getState().experiment.id };
      return unwrap(api.POST("/api/v1/experiments/{experiment_id}/groups", { params: { path }, body: wanted }));
    },
    onSuccess: async (group) => {
      await Promise.all([keys.groups(projectId), keys.runs(projectId), keys.experiments(projectId)].map((queryKey) => client.invalidateQueries({ queryKey })));
      await navigate(`/projects/${projectId}/evaluation?group=${group.id}`);
    },
  });
}
