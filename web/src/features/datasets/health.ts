/** The health report of a version: one query for whoever asks, asked anew whenever the version changes. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";

import type { Version } from "./columns";

export type Finding = Schemas["Finding"];

export const healthQuery = (version: Pick<Version, "id" | "revision">) =>
  queryOptions({
    queryKey: ["versions", version.id, "health", version.revision] as const,
    queryFn: () => unwrap(api.GET("/api/v1/versions/{version_id}/health", { params: { path: { version_id: version.id } } })),
    // What was found stays in sight while a changed draft is looked at.
    placeholderData: (previous: Schemas["HealthReport"] | undefined) => previous,
  });

/** Findings to look at, and notes that ask for nothing: together they are all findings. */
export function countsOf(findings: readonly Finding[]): { toLookAt: number; notes: number } {
  const notes = findings.filter((each) => each.severity === "info").length;
  return { toLookAt: findings.length - notes, notes };
}
