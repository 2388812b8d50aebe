/** The imports that made a version: one query for whoever asks, asked anew whenever the version changes. */
import { queryOptions } from "@tanstack/react-query";

import { api, API_PREFIX, type Schemas, unwrap } from "@/api/client";

import type { Version } from "./columns";

export type ImportReport = Schemas["ImportReport"];

/** A report, what its import was to the version, and where its whole list is. */
export interface ToldImport {
  readonly kind: "first" | "added" | "refused";
  readonly report: ImportReport;
  readonly csv: string;
}

export const importsQuery = (version: Pick<Version, "id" | "revision">) =>
  queryOptions({
    queryKey: ["versions", version.id, "imports", version.revision] as const,
    queryFn: () => unwrap(api.GET("/api/v1/versions/{version_id}/imports", { params: { path: { version_id: version.id } } })),
    placeholderData: (previous: ImportReport[] | undefined) => previous,
  });

export const refusedCsv = (datasetId: string) => `${API_PREFIX}/datasets/${datasetId}/refused.csv`;

/** All that is told of a version, oldest first; at the end files that were to be added, when none of their rows could be. */
export function toldImports(version: Version, reports: readonly ImportReport[], last: ImportReport | null | undefined): ToldImport[] {
  const told = reports.map((report, place): ToldImport => ({ kind: place ? "added" : "first", report, csv: `${API_PREFIX}/versions/${version.id}/imports/${place + 1}/report.csv` }));
  const isRefused = version.problem && last?.rows_taken === 0;
  return isRefused ? [...told, { kind: "refused", report: last, csv: refusedCsv(version.dataset_id) }] : told;
}
