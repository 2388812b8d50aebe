/** What is asked of the server, by key: one query per thing, shared by all views. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "./client";

type ProbeKind = Schemas["Probe"]["kind"];

export const keys = {
  projects: ["projects"] as const,
  project: (id: string) => ["projects", id] as const,
  recentRuns: ["runs", "recent"] as const,
  system: ["system"] as const,
  jobs: ["jobs"] as const,
  queue: ["queue"] as const,
  queueOutlook: (projectId: string) => ["queue", "outlook", projectId] as const,
  unfinishedUploads: ["uploads", "unfinished"] as const,
  datasets: (projectId: string) => ["datasets", projectId] as const,
  version: (id: string) => ["versions", id] as const,
  firstRow: (versionId: string, features: readonly string[]) => ["versions", versionId, "rows", "first", features] as const,
  catalogue: ["catalogue"] as const,
  experiments: (projectId: string) => ["experiments", projectId] as const,
  presets: (projectId: string) => ["presets", projectId] as const,
  experiment: (id: string) => ["experiment", id] as const,
  groupForecast: (experimentId: string) => ["experiment", experimentId, "group-forecast"] as const,
  runs: (projectId: string) => ["runs", projectId] as const,
  probe: (experimentId: string, kind: ProbeKind) => ["probe", experimentId, kind] as const,
  lossCurve: (runId: string) => ["loss-curve", runId] as const,
  groups: (projectId: string) => ["groups", projectId] as const,
  folds: (experimentId: string) => ["experiment", experimentId, "folds"] as const,
  bundles: (projectId: string) => ["bundles", projectId] as const,
  competitions: (projectId: string) => ["competitions", projectId] as const,
  competition: (id: string) => ["competition", id] as const,
};

export const projectsQuery = queryOptions({ queryKey: keys.projects, queryFn: () => unwrap(api.GET("/api/v1/projects")) });
export const recentRunsQuery = queryOptions({ queryKey: keys.recentRuns, queryFn: () => unwrap(api.GET("/api/v1/runs", { params: { query: { limit: 10 } } })) });
export const systemQuery = queryOptions({ queryKey: keys.system, queryFn: () => unwrap(api.GET("/api/v1/system")) });
/** Uploads that stopped before their end; another window may have gone on with one, so it is always asked anew. */
export const unfinishedUploadsQuery = queryOptions({ queryKey: keys.unfinishedUploads, queryFn: () => unwrap(api.GET("/api/v1/uploads")), staleTime: 0 });
/** Queued and running work of all projects; kept up to date by live events. */
export const jobsQuery = queryOptions({ queryKey: keys.jobs, queryFn: () => unwrap(api.GET("/api/v1/jobs")) });
/** Trainings of all projects in their order; asked again while it is looked at, as a project's stream tells of its own alone. */
export const queueQuery = queryOptions({ queryKey: keys.queue, queryFn: () => unwrap(api.GET("/api/v1/queue")), staleTime: 0, refetchInterval: 4_000 });
/** What a run of a project would wait for if it were queued now; other projects' trainings count too, and tell nothing here. */
export const queueOutlookQuery = (projectId: string) =>
  queryOptions({ queryKey: keys.queueOutlook(projectId), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/queue-outlook", { params: { path: { project_id: projectId } } })), staleTime: 0, refetchInterval: 15_000 });
export const catalogueQuery = queryOptions({ queryKey: keys.catalogue, queryFn: () => unwrap(api.GET("/api/v1/catalogue")), staleTime: Infinity });
export const projectQuery = (id: string) => queryOptions({ queryKey: keys.project(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: id } } })) });
export const datasetsQuery = (id: string) => queryOptions({ queryKey: keys.datasets(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: id } } })) });
export const versionQuery = (id: string) => queryOptions({ queryKey: keys.version(id), queryFn: () => unwrap(api.GET("/api/v1/versions/{version_id}", { params: { path: { version_id: id } } })) });
/** The values of some features in the first row of a version, in the order of its files. */
export const firstRowQuery = (id: string, features: readonly string[]) =>
  queryOptions({ queryKey: keys.firstRow(id, features), queryFn: () => unwrap(api.POST("/api/v1/versions/{version_id}/rows", { params: { path: { version_id: id } }, body: { offset: 0, limit: 1, descending: false, search: "", features: [...features] } })) });
export const experimentsQuery = (id: string) => queryOptions({ queryKey: keys.experiments(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/experiments", { params: { path: { project_id: id } } })) });
/** Presets that suit the newest version of a project; another version may have been saved since. */
export const presetsQuery = (id: string) => queryOptions({ queryKey: keys.presets(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/presets", { params: { path: { project_id: id } } })), staleTime: 0 });
export const experimentQuery = (id: string) => queryOptions({ queryKey: keys.experiment(id), queryFn: () => unwrap(api.GET("/api/v1/experiments/{experiment_id}", { params: { path: { experiment_id: id } } })) });
export const runsQuery = (id: string) => queryOptions({ queryKey: keys.runs(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/runs", { params: { path: { project_id: id } } })) });
/** What was measured of an experiment as it was at a revision. */
export const probeQuery = (experimentId: string, kind: ProbeKind, revision: number) =>
  queryOptions({ queryKey: [...keys.probe(experimentId, kind), revision], queryFn: () => unwrap(api.GET("/api/v1/experiments/{experiment_id}/probes/{kind}", { params: { path: { experiment_id: experimentId, kind } } })) });
/** The training loss batch by batch, thinned. */
export const lossCurveQuery = (runId: string) => queryOptions({ queryKey: keys.lossCurve(runId), queryFn: () => unwrap(api.GET("/api/v1/runs/{run_id}/loss-curve", { params: { path: { run_id: runId }, query: { points: 600 } } })) });
/** How each class is told in an epoch, the best one by default; `known` epochs of the run make it new. */
export const classScoresQuery = (runId: string, epoch: number | null, known: number) =>
  queryOptions({ queryKey: ["class-scores", runId, epoch, known], placeholderData: keepPreviousData, queryFn: () => unwrap(api.GET("/api/v1/runs/{run_id}/classes", { params: { path: { run_id: runId }, query: { epoch } } })) });
/** Searches and fold runs of a project, with how each trial went. */
export const groupsQuery = (id: string) => queryOptions({ queryKey: keys.groups(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/groups", { params: { path: { project_id: id } } })) });
export const foldsQuery = (id: string) => queryOptions({ queryKey: keys.folds(id), queryFn: () => unwrap(api.GET("/api/v1/experiments/{experiment_id}/folds", { params: { path: { experiment_id: id } } })) });
export const bundlesQuery = (id: string) => queryOptions({ queryKey: keys.bundles(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/bundles", { params: { path: { project_id: id } } })) });
export const competitionsQuery = (id: string) => queryOptions({ queryKey: keys.competitions(id), queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/competitions", { params: { path: { project_id: id } } })) });
export const competitionQuery = (id: string) => queryOptions({ queryKey: keys.competition(id), queryFn: () => unwrap(api.GET("/api/v1/competitions/{competition_id}", { params: { path: { competition_id: id } } })) });
