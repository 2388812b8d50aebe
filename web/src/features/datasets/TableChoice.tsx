/** Which of several tables makes the rows: chosen here, and the import runs again over the files that are still there. */
import { Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Problem, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
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
  const client = useQueryClient();
  const [table, setTable] = useState(choices[0] ?? "");
  const again = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/datasets/{dataset_id}/import-again", { params: { path: { dataset_id: datasetId } }, body: { table } })),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: keys.datasets(projectId) }),
      versionId ? client.invalidateQueries({ queryKey: keys.version(versionId) }) : null,
    ]),
  });
  return (
    <form className="ds-table-choice" onSubmit={(event) => { event.preventDefault(); again.mutate(); }}>
      <Select label={t("tableOfRows")} data={[...choices]} value={table} allowDeselect={false} onChange={(value) => value && setTable(value)} />
      <button type="submit" className="btn lg" disabled={again.isPending}><Icon name="arrow" />{t("importWithTable", { table: table.split("/").at(-1) })}</button>
      <ErrorNote error={again.error} />
    </form>
  );
}
