/** What lies in the bin of a project, and the way out of it. */
import type { TFunction } from "i18next";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

type Dataset = Schemas["Dataset"];
export type Thing = { id: string; kind: "dataset" | "version"; name: string; bytes: number };
type Words = TFunction<"panels">;

export function useBin(projectId: string) {
  return useQuery({ queryKey: [...keys.datasets(projectId), "bin"], queryFn: () => unwrap(api.GET("/api/v1/projects/{project_id}/bin", { params: { path: { project_id: projectId } } })) });
}

export function thingsIn(datasets: readonly Dataset[], t: Words): Thing[] {
  return datasets.flatMap((dataset): Thing[] => {
    if (dataset.binned_at) return [{ id: dataset.id, kind: "dataset", name: dataset.name, bytes: dataset.bytes }];
    return dataset.versions.map((version) => ({ id: version.id, kind: "version", name: t("versionOf", { number: version.number, name: dataset.name }), bytes: version.bytes ?? 0 }));
  });
}

/** What an empty bin would free: versions that share files free them together only. */
export const bytesIn = (datasets: readonly Dataset[]): number => datasets.reduce((sum, each) => sum + (each.binned_at ? each.bytes : (each.binned_bytes ?? 0)), 0);

export function useRestore(projectId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (things: readonly Pick<Thing, "kind" | "id">[]) => {
      for (const { kind, id } of things) {
        if (kind === "dataset") await unwrap(api.POST("/api/v1/datasets/{dataset_id}/restore", { params: { path: { dataset_id: id } } }));
        else await unwrap(api.POST("/api/v1/versions/{version_id}/restore", { params: { path: { version_id: id } } }));
      }
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.datasets(projectId) }),
  });
}
