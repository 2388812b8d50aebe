/** The datasets of a project with their versions. */
import { Menu, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes, number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";
import { useStanding } from "@/ui/standing";

import type { Thing } from "./bin";
import { BinButton } from "./BinDialog";
import { JobLine } from "./ImportView";
import { JustBinned } from "./JustBinned";
import { VersionList } from "./VersionList";

type Dataset = Schemas["Dataset"];
type Props = { projectId: string; datasets: readonly Dataset[]; datasetId: string | null; versionId: string | null; onNew: () => void; onAdd: (dataset: Dataset) => void };

export function DatasetList({ projectId, datasets, datasetId, versionId, onNew, onAdd }: Props) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [renamed, setRenamed] = useState<Dataset | null>(null);
  const [binned, setBinned] = useState<readonly Pick<Thing, "id" | "kind">[]>([]);
  const narrow = useNarrowList(`${datasetId} ${versionId}`);
  const refresh = () => client.invalidateQueries({ queryKey: keys.datasets(projectId) });
  const bin = useMutation({
    mutationFn: (gone: readonly Dataset[]) => Promise.all(gone.map((each) => unwrap(api.DELETE("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: each.id } } })))),
    onSuccess: (_, gone) => setBinned(gone.map(({ id }) => ({ kind: "dataset", id }))),
    onSettled: refresh,
  });
  const notBinned = useStanding(useStanding(bin.error, datasets), `${datasetId} ${versionId}`);
  const failed = datasets.filter((each) => each.state === "failed");
  const line = (dataset: Dataset) => (
    <li key={dataset.id} className={dataset.state === "failed" ? "ds-failed" : undefined}>
      <div className={dataset.id === datasetId ? "item on" : "item"}>
        <Icon name="data" />
        <Link className="b6 ell" to={datasetAddress(projectId, dataset)} aria-current={dataset.id === datasetId ? "true" : undefined} title={dataset.name}>{dataset.name}</Link>
        {dataset.state === "failed"
          ? <button type="button" className="btn quiet sm" disabled={bin.isPending} aria-label={t("removeOf", { name: dataset.name })} onClick={() => bin.mutate([dataset])}>{t("remove")}</button>
          : <ListMenu dataset={dataset} onAdd={() => onAdd(dataset)} onRename={() => setRenamed(dataset)} onBin={() => bin.mutate([dataset])} />}
        <span className="sub num">{stateWords(dataset, t)}</span>
        {dataset.state === "importing" ? <div className="ds-item-job"><JobLine jobId={dataset.job_id} label={t("importing")} thin /></div> : null}
      </div>
      <VersionList projectId={projectId} dataset={dataset} versionId={versionId} onBinned={(id) => setBinned([{ kind: "version", id }])} />
    </li>
  );
  return (
    <aside className={narrow.open ? "side ds-left open" : "side ds-left"}>
      <div className="sec ds-list">
        <div className="ds-list-head">
          <button type="button" className="btn lg ds-list-toggle" aria-expanded={narrow.open} aria-controls="ds-list" onClick={narrow.toggle}><Icon name="data" /><span className="ell">{t("datasetCount", { count: datasets.length })}</span><Icon name="down" size={12} /></button>
          <button type="button" className="btn full lg ds-new" onClick={onNew}><Icon name="plus" />{t("newDataset")}</button>
        </div>
        <ul id="ds-list">
          {datasets.filter((each) => each.state !== "failed").map(line)}
          {failed.length > 1 ? (
            <li className="ds-failed">
              <details open={failed.some((each) => each.id === datasetId)}>
                <summary className="item"><Icon name="warn" /><span className="ell">{t("failedImports", { count: failed.length })}</span><Icon name="down" size={12} /></summary>
                <button type="button" className="btn quiet sm" disabled={bin.isPending} onClick={() => bin.mutate(failed)}>{t("removeAll")}</button>
                <ul>{failed.map(line)}</ul>
              </details>
            </li>
          ) : failed.map(line)}
        </ul>
        {binned.length ? <JustBinned projectId={projectId} things={binned} onGone={() => setBinned([])} /> : null}
        <ErrorNote error={notBinned} />
      </div>
      <BinButton projectId={projectId} full />
      <Modal opened={renamed !== null} onClose={() => setRenamed(null)} title={t("rename")} size={400} centered closeButtonProps={{ "aria-label": t("close") }}>
        {renamed ? <RenameForm dataset={renamed} onDone={async () => { setRenamed(null); await refresh(); }} /> : null}
      </Modal>
    </aside>
  );
}

/** In a narrow window the list is folded, and folds again when another version is opened. */
function useNarrowList(shown: string) {
  const [openAt, setOpenAt] = useState<string | null>(null);
  return { open: openAt === shown, toggle: () => setOpenAt((old) => (old === shown ? null : shown)) };
}

export function datasetAddress(projectId: string, dataset: Pick<Dataset, "id">, versionId?: string): string {
  return `/projects/${projectId}/datasets/${dataset.id}${versionId ? `/${versionId}` : ""}`;
}

function stateWords(dataset: Dataset, t: (key: string, params?: Record<string, unknown>) => string): string {
  if (dataset.state === "importing") return t("importing");
  if (dataset.state === "failed") return t("importFailed");
  return t("rowsAndBytes", { rows: number(dataset.rows), bytes: bytes(dataset.bytes), count: dataset.rows });
}

function ListMenu({ dataset, onAdd, onRename, onBin }: { dataset: Dataset; onAdd: () => void; onRename: () => void; onBin: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  return (
    <Menu position="bottom-end" shadow="md" width={180}>
      <Menu.Target><button type="button" className="btn quiet icon sm" aria-label={t("moreOf", { name: dataset.name })}><Icon name="more" /></button></Menu.Target>
      <Menu.Dropdown>
        {dataset.state === "ready" ? <Menu.Item leftSection={<Icon name="plus" />} onClick={onAdd}>{panels("addFiles")}</Menu.Item> : null}
        <Menu.Item leftSection={<Icon name="edit" />} onClick={onRename}>{t("rename")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="bin" />} onClick={onBin}>{t("moveToBin")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function RenameForm({ dataset, onDone }: { dataset: Dataset; onDone: () => Promise<void> }) {
  const { t } = useTranslation("datasets");
  const [name, setName] = useState(dataset.name);
  const rename = useMutation({
    mutationFn: () => unwrap(api.PATCH("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: dataset.id } }, body: { name: name.trim() } })),
    onSuccess: onDone,
  });
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); rename.mutate(); }}>
      <TextInput label={t("name")} value={name} maxLength={120} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <ErrorNote error={rename.error} />
      <div className="ds-dialog-foot"><button type="submit" className="btn primary lg" disabled={!name.trim()}>{t("save")}</button></div>
    </form>
  );
}
