/**
 * What a live event changes in what the browser already knows.
 *
 * Takes   one event of the server and the cache of replies.
 * Gives   the cache with the event's own data put in, and `stale` called with the keys that must be asked anew.
 * Never   asks the server itself.
 */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

import type { Schemas } from "./client";
import { keys } from "./queries";

export type LiveEvent = Schemas["LiveEventEnvelope"]["event"];
type Run = Schemas["Run"];
type RunList = Schemas["RunList"];
type Job = Schemas["Job"];
type Stale = (key: QueryKey) => void;

const OPEN_JOB_STATES: readonly Job["state"][] = ["queued", "running"];

export function applyLiveEvent(client: QueryClient, event: LiveEvent, stale: Stale): void {
  switch (event.type) {
    case "job_changed":
      return putJob(client, event.job, stale);
    case "run_changed":
      putRun(client, event.run);
      if (event.run.group_id) stale(keys.groups(event.run.project_id));
      stale(keys.runs(event.run.project_id));
      stale(keys.recentRuns);
      return stale(keys.projects);
    case "run_stepped":
      return changeRun(client, event.project_id, event.run_id, (run) => ({ ...run, state: event.state, progress: event.progress }), stale);
    case "probe_changed":
      stale(keys.groupForecast(event.experiment_id));
      return stale(keys.probe(event.experiment_id, event.kind));
    case "loss_curve_grew":
      return stale(keys.lossCurve(event.run_id));
    case "epoch_ended":
      return changeRun(client, event.project_id, event.run_id, (run) => ({ ...run, epochs: withEpoch(run.epochs, event.metrics) }), stale);
    case "dataset_changed":
      stale(keys.datasets(event.project_id));
      stale(["versions"]);
      // What lies in the bin cannot be learnt from: experiments say so.
      stale(keys.experiments(event.project_id));
      stale(["experiment"]);
      return stale(keys.projects);
    case "experiment_changed":
      return experimentChanged(client, event, stale);
    case "run_group_changed":
      return stale(keys.groups(event.project_id));
    case "bundle_changed":
      return stale(keys.bundles(event.project_id));
    case "competition_changed":
      stale(keys.competition(event.competition_id));
      return stale(keys.competitions(event.project_id));
  }
}

/** Keep the list of open jobs: replace, add, or drop what has ended. */
function putJob(client: QueryClient, job: Job, stale: Stale): void {
  if (!client.getQueryData<Job[]>(keys.jobs)) stale(keys.jobs);
  if (job.kind === "train") stale(keys.queue);
  client.setQueryData<Job[]>(keys.jobs, (jobs) => {
    if (!jobs) return jobs;
    const others = jobs.filter((each) => each.id !== job.id);
    if (!OPEN_JOB_STATES.includes(job.state)) return others;
    return jobs.length === others.length ? [...jobs, job] : jobs.map((each) => (each.id === job.id ? job : each));
  });
}

function putRun(client: QueryClient, run: Run): void {
  const merge = (old: Run): Run => ({ ...run, epochs: run.epochs.length >= old.epochs.length ? run.epochs : old.epochs });
  replaceRun(client, run.project_id, run.id, merge);
}

function changeRun(client: QueryClient, projectId: string, runId: string, change: (run: Run) => Run, stale: Stale): void {
  if (replaceRun(client, projectId, runId, change)) return;
  stale(keys.runs(projectId));
  stale(keys.recentRuns);
}

/** Change a run wherever it is cached; false when a list that should hold it does not. */
function replaceRun(client: QueryClient, projectId: string, runId: string, change: (run: Run) => Run): boolean {
  const known = (runs: Run[] | undefined) => !runs || runs.some((run) => run.id === runId);
  const inList = (runs: Run[]) => runs.map((run) => (run.id === runId ? change(run) : run));
  const list = client.getQueryData<RunList>(keys.runs(projectId));
  const recent = client.getQueryData<Run[]>(keys.recentRuns);
  if (list) client.setQueryData<RunList>(keys.runs(projectId), { ...list, runs: inList(list.runs) });
  if (recent) client.setQueryData<Run[]>(keys.recentRuns, inList(recent));
  return known(list?.runs) && known(recent);
}

/** Epochs in order, each once: an event may be told twice after a broken connection. */
function withEpoch(epochs: Run["epochs"], ended: Run["epochs"][number]): Run["epochs"] {
  return [...epochs.filter((each) => each.epoch !== ended.epoch), ended].sort((a, b) => a.epoch - b.epoch);
}

function experimentChanged(client: QueryClient, event: Schemas["ExperimentChanged"], stale: Stale): void {
  const known = client.getQueryData<Schemas["Experiment"]>(keys.experiment(event.experiment_id));
  if (known && known.revision < event.revision) stale(keys.experiment(event.experiment_id));
  stale(keys.experiments(event.project_id));
  stale(keys.projects);
}
