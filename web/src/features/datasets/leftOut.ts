/** Rows left out of a draft, or taken back: one, or all that are shown. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { number } from "@/ui/measures";

import type { Version } from "./columns";
import { useEdits } from "./featureEdits";
import { type Choice, type Row, rowQuery } from "./rowPages";

type Wanted = Partial<Schemas["LeftOutChange"]>;

export function useLeftOut(version: Version) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const send = useMutation({
    mutationFn: ({ wanted }: { wanted: Wanted; after?: () => void }) =>
      unwrap(api.POST("/api/v1/versions/{version_id}/left-out", { params: { path: { version_id: version.id } }, body: { copies_only: false, take_back: false, ...wanted } })),
    onSuccess: (next, { wanted, after }) => {
      after?.();
      edits.take(next);
      const rows = Math.abs(next.usage.left_out_by_hand - version.usage.left_out_by_hand);
      edits.tell(t(wanted.take_back ? "rowsTakenBack" : "rowsLeftOut", { count: rows, rows: number(rows) }));
    },
  });
  return {
    one: (row: Row, takeBack: boolean) => send.mutate({ wanted: { rows: [row.index], take_back: takeBack } }),
    shown: (choice: Choice, how: { copies_only?: boolean; take_back?: boolean }, after: () => void) => send.mutate({ wanted: { query: rowQuery(choice, 0, 1), ...how }, after }),
    error: send.error,
    isPending: send.isPending,
  };
}
