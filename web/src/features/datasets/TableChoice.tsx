/** Which of several tables makes the rows: chosen here, and the import runs again over the files that are still there. */
import { Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Problem, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

type Props = { projectId: string; datasetId: string; versionId?: string; problem: Problem };

/** A problem of an import; where a choice would go on, with that choice. */
export function ImportProblem(props: Props) {
  const choices = props.problem.params?.choices;
  return (
    <>
      <ProblemNote problem={props.problem} />
      {Array.isArray(choices) ? <TableChoice {...props} choices={choices} /> : null}
    </>
  );
}

function TableChoice({ projectId, datasetId, versionId, choices }: Props & { choices: readonly string[] }) {
  const { t } = useTranslation("datasets");
  const { t: words } = useTranslation("table");
  const client = useQueryClient();
  const [table, setTable] = useState<string | null>(null);
  const again = useMutation({
    mutationFn: (chosen: string) => unwrap(api.POST("/api/v1/datasets/{dataset_id}/import-again", { params: { path: { dataset_id: datasetId } }, body: { table: chosen } })),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: keys.datasets(projectId) }),
      versionId ? client.invalidateQueries({ queryKey: keys.version(versionId) }) : null,
    ]),
  });
  return (
    <form className="ds-table-choice" onSubmit={(event) => { event.preventDefault(); if (table) again.mutate(table); }}>
      <Select label={t("tableOfRows")} placeholder={words("chooseOne")} data={[...choices]} value={table} allowDeselect={false} onChange={setTable} />
      <div className="row"><ButtonWithReason type="submit" className="btn lg" why={table === null ? t("needs.table") : null} busy={again.isPending}><Icon name="arrow" />{table === null ? t("importAgain") : t("importWithTable", { table: table.split("/").at(-1) })}</ButtonWithReason></div>
      <ErrorNote error={again.error} />
    </form>
  );
}
