import { QueryClient, type QueryKey } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import type { Schemas } from "@/api/client";
import { applyLiveEvent, type LiveEvent } from "@/api/liveUpdates";
import { keys } from "@/api/queries";

const PROJECT = "prj_1";
const epoch = (number: number): Schemas["EpochMetrics"] => ({ epoch: number, seconds: 4, training: { loss: 1 / number }, validation: { loss: 2 / number } });
const run = { id: "run_1", project_id: PROJECT, state: "running", progress: { epoch: 2, step: 1, steps_per_epoch: 9 }, epochs: [epoch(1)] } as unknown as Schemas["Run"];
const job = { id: "job_1", project_id: PROJECT, kind: "import", state: "running", done: 0.2 } as unknown as Schemas["Job"];

function heard(client: QueryClient, event: LiveEvent): QueryKey[] {
  const stale: QueryKey[] = [];
  applyLiveEvent(client, event, (key) => stale.push(key));
  return stale;
}

function knowing(entries: [QueryKey, unknown][]): QueryClient {
  const client = new QueryClient();
  for (const [key, data] of entries) client.setQueryData(key, data);
  return client;
}

const runsOf = (client: QueryClient) => client.getQueryData<Schemas["RunList"]>(keys.runs(PROJECT))?.runs;

describe("live events", () => {
  it("appends an epoch once, in order, even when it is told twice", () => {
    const client = knowing([[keys.runs(PROJECT), { runs: [run], best_run_id: null }]]);
    const ended = (number: number): LiveEvent => ({ type: "epoch_ended", run_id: run.id, project_id: PROJECT, metrics: epoch(number) });

    heard(client, ended(3));
    heard(client, ended(2));
    const stale = heard(client, ended(2));

    expect(runsOf(client)?.[0]?.epochs.map((each) => each.epoch)).toEqual([1, 2, 3]);
    expect(stale).toEqual([]);
  });

  it("moves a run along without asking the server", () => {
    const client = knowing([[keys.runs(PROJECT), { runs: [run], best_run_id: null }]]);
    const progress = { epoch: 2, step: 7, steps_per_epoch: 9, seconds_left: 30 };

    const stale = heard(client, { type: "run_stepped", run_id: run.id, project_id: PROJECT, state: "running", progress });

    expect(runsOf(client)?.[0]?.progress).toEqual(progress);
    expect(stale).toEqual([]);
  });

  it("asks for the list when a run is heard of that it does not hold", () => {
    const client = knowing([[keys.runs(PROJECT), { runs: [], best_run_id: null }]]);

    const stale = heard(client, { type: "epoch_ended", run_id: run.id, project_id: PROJECT, metrics: epoch(1) });

    expect(stale).toContainEqual(keys.runs(PROJECT));
  });

  it("keeps the epochs it has when a run arrives without them", () => {
    const client = knowing([[keys.runs(PROJECT), { runs: [run], best_run_id: null }]]);

    heard(client, { type: "run_changed", run: { ...run, state: "stopped", epochs: [] } });

    expect(runsOf(client)?.[0]).toMatchObject({ state: "stopped", epochs: [{ epoch: 1 }] });
  });

  it("holds open jobs only", () => {
    const client = knowing([[keys.jobs, []]]);

    heard(client, { type: "job_changed", job });
    heard(client, { type: "job_changed", job: { ...job, done: 0.6 } });
    expect(client.getQueryData(keys.jobs)).toEqual([{ ...job, done: 0.6 }]);

    heard(client, { type: "job_changed", job: { ...job, state: "done" } });
    expect(client.getQueryData(keys.jobs)).toEqual([]);
  });

  it("asks for experiments again when data went to the bin or came back", () => {
    const changed: LiveEvent = { type: "dataset_changed", project_id: PROJECT, dataset_id: "ds_1" };
    const stale = heard(new QueryClient(), changed);
    expect(stale).toContainEqual(keys.experiments(PROJECT));
    expect(stale).toContainEqual(["experiment"]);
  });

  it("does not ask for an experiment whose newest edit is its own", () => {
    const client = knowing([[keys.experiment("exp_1"), { id: "exp_1", revision: 8 }]]);
    const edited = (revision: number): LiveEvent => ({ type: "experiment_changed", project_id: PROJECT, experiment_id: "exp_1", revision });

    expect(heard(client, edited(8))).not.toContainEqual(keys.experiment("exp_1"));
    expect(heard(client, edited(9))).toContainEqual(keys.experiment("exp_1"));
  });
});
