/** What a person does with a run: stop it, or go on from its last checkpoint. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

import { settingOperations } from "./groupWords";

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

/**
 * Run a failed run again as its advice says, and let the experiment take the setting over, as one step
 * that Undo takes back: its next run would fail the same way otherwise.
 */
export function useRemedy(run: Schemas["Run"]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Schemas["RunFollowUp"]) => {
      // The run comes last: pressed again after an error, the button sets the same once more and queues one run.
      const operations = settingOperations(wanted.settings ?? {}) ?? [];
      if (operations.length > 0) await changeSettings(run.experiment_id, operations);
      return unwrap(api.POST("/api/v1/runs/{run_id}/follow-up", { params: { path: { run_id: run.id } }, body: wanted }));
    },
    onSettled: () => Promise.all([
      client.invalidateQueries({ queryKey: keys.runs(run.project_id) }),
      client.invalidateQueries({ queryKey: keys.experiment(run.experiment_id) }),
      client.invalidateQueries({ queryKey: keys.experiments(run.project_id) }),
    ]),
  });
}

async function changeSettings(experimentId: string, operations: Schemas["SetSetting"][]) {
  const path = { experiment_id: experimentId };
  const { revision } = await unwrap(api.GET("/api/v1/experiments/{experiment_id}", { params: { path } }));
  return unwrap(api.POST("/api/v1/experiments/{experiment_id}/edits", { params: { path }, body: { base_revision: revision, operations } }));
}

const duplicateRun = (runId: string) => unwrap(api.POST("/api/v1/runs/{run_id}/duplicate", { params: { path: { run_id: runId } } }));

/**
 * Give the experiment of a search what a trial varied, as one step that Undo takes back. Where the
 * model was varied too, an experiment is made of the trial's run: the one at hand keeps its own model.
 */
export function useTrialSettings(group: Schemas["RunGroup"]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (trial: Schemas["Trial"]) => {
      const operations = settingOperations(trial.values);
      return operations ? changeSettings(group.experiment_id, operations) : duplicateRun(trial.run_id);
    },
    onSuccess: (experiment) => {
      client.setQueryData(keys.experiment(experiment.id), experiment);
      return client.invalidateQueries({ queryKey: keys.experiments(group.project_id) });
    },
  });
}

/** Make an experiment of what a run was made with. */
export function useDuplicateRun(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: duplicateRun,
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
