/** Measuring an experiment before it runs: what is known, and how to ask for more. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";
import { jobsQuery, keys, probeQuery } from "@/api/queries";

import { useModeling } from "./ModelingContext";
import { useQueueState } from "./session";

export type Probe = Schemas["Probe"];

export type Measurement = {
  /** What is known; while the newest edit is looked up, what was known before it. */
  probe: Probe | undefined;
  /** Whether the experiment can be measured now: it can run, and its edits are saved. */
  canStart: boolean;
  start: () => void;
  failure: Error | null;
};

export function useProbe(kind: Probe["kind"]): Measurement {
  const { experiment, queue } = useModeling();
  const { save } = useQueueState(queue);
  const client = useQueryClient();
  const query = useQuery({ ...probeQuery(experiment.id, kind, experiment.revision), placeholderData: keepPreviousData });
  const start = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/experiments/{experiment_id}/probes/{kind}", { params: { path: { experiment_id: experiment.id, kind } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.probe(experiment.id, kind) }),
  });
  return {
    probe: query.data,
    canStart: experiment.analysis.can_run && save === "saved" && !query.isPlaceholderData,
    start: () => start.mutate(),
    failure: start.error,
  };
}

/** Whether the studio does anything else; what is measured beside it would tell little and slow it down. */
export function useIsBusy(): boolean {
  const jobs = useQuery(jobsQuery).data;
  return jobs === undefined || jobs.length > 0;
}
