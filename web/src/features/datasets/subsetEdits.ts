/** Changes of a draft's subsets, each told with what it did to the others. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { inOneLine } from "@/i18n";
import { number } from "@/ui/measures";
import { useStanding } from "@/ui/standing";

import type { Subset, Version } from "./columns";
import { useEdits } from "./featureEdits";
import { givingUp, movedRows } from "./overlaps";

type Sent = { ask: () => Promise<Version>; words: string; before: readonly Subset[] };
export type SubsetEdits = ReturnType<typeof useSubsetEdits>;

export function useSubsetEdits(version: Version) {
  const { t } = useTranslation("panels");
  const edits = useEdits();
  const path = { version_id: version.id };
  const of = (subset: Subset) => ({ params: { path: { ...path, subset_id: subset.id } } });
  const send = useMutation({
    mutationFn: ({ ask }: Sent) => ask(),
    onSuccess: (next, { words, before }) => {
      edits.take(next);
      const moved = movedRows(before, next.subsets).map(({ name, from, to }) => t("rowsMoved", { name, from: number(from), to: number(to), count: to }));
      edits.tell(inOneLine(words, ...moved));
    },
  });
  const error = useStanding(send.error, version);
  const change = (ask: Sent["ask"], words: string, after?: () => void) => send.mutate({ ask, words, before: version.subsets }, after ? { onSuccess: after } : {});
  return {
    add: (body: Schemas["SubsetCreate"], after: () => void) => change(() => unwrap(api.POST("/api/v1/versions/{version_id}/subsets", { params: { path }, body })), t("subsetAdded", { name: body.name }), after),
    addFolds: (body: Schemas["FoldsCreate"], after: () => void) => change(() => unwrap(api.POST("/api/v1/versions/{version_id}/folds", { params: { path }, body })), t("foldsAdded"), after),
    put: (subset: Subset, body: Schemas["SubsetChange"], after: () => void) => change(() => unwrap(api.PUT("/api/v1/versions/{version_id}/subsets/{subset_id}", { ...of(subset), body })), t("subsetPut", { name: body.name }), after),
    takeOut: (rowsOf: Subset, from: Subset) => change(() => unwrap(api.PUT("/api/v1/versions/{version_id}/subsets/{subset_id}", { ...of(from), body: { name: from.name, rule: givingUp(from.rule, rowsOf.id) } })), t("rowsTakenOut", { name: from.name, other: rowsOf.name })),
    remove: (subset: Subset) => change(() => unwrap(api.DELETE("/api/v1/versions/{version_id}/subsets/{subset_id}", of(subset))), t("subsetRemoved", { name: subset.name })),
    error,
    forgetError: send.reset,
    isPending: send.isPending,
  };
}
