/** The bin: what lies in it, how much disk it takes, and the ways out of it. */
import { Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { bytesIn, type Thing, thingsIn, useBin, useRestore } from "./bin";

/** The way to the bin, while something lies in it. */
export function BinButton({ projectId, full = false }: { projectId: string; full?: boolean }) {
  const { t } = useTranslation("panels");
  const [opened, setOpened] = useState(false);
  const datasets = useBin(projectId).data ?? [];
  const things = thingsIn(datasets, t);
  if (things.length === 0 && !opened) return null;
  return (
    <div className={full ? "sec ds-bin-button" : undefined}>
      <button type="button" className={full ? "btn quiet full" : "btn quiet lg"} onClick={() => setOpened(true)}><Icon name="bin" />{t("bin")}{full ? <span className="sp" /> : null}<span className="num dim t12">{bytes(bytesIn(datasets))}</span></button>
      <BinDialog projectId={projectId} opened={opened} onClose={() => setOpened(false)} />
    </div>
  );
}

function BinDialog({ projectId, opened, onClose }: { projectId: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const old = useTranslation("datasets").t;
  const datasets = useBin(projectId).data ?? [];
  const things = thingsIn(datasets, t);
  return (
    <Modal opened={opened} onClose={onClose} title={t("bin")} size={560} centered closeButtonProps={{ "aria-label": old("close") }}>
      {things.length ? (
        <div className="ds-dialog">
          <p className="t12 mut num">{t("binBytes", { bytes: bytes(bytesIn(datasets)) })}</p>
          <ul className="ds-bin">{things.map((thing) => <BinLine key={thing.id} projectId={projectId} thing={thing} />)}</ul>
        </div>
      ) : <p className="mut">{t("binEmpty")}</p>}
    </Modal>
  );
}

function BinLine({ projectId, thing }: { projectId: string; thing: Thing }) {
  const { t } = useTranslation("panels");
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const restore = useRestore(projectId);
  const remove = useMutation({
    mutationFn: async () => {
      if (thing.kind === "dataset") await unwrap(api.DELETE("/api/v1/datasets/{dataset_id}/forever", { params: { path: { dataset_id: thing.id } } }));
      else await unwrap(api.DELETE("/api/v1/versions/{version_id}/forever", { params: { path: { version_id: thing.id } } }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.datasets(projectId) }),
  });
  return (
    <li>
      <div className="row">
        <Icon name={thing.kind === "dataset" ? "data" : "lock"} />
        <span className="b5 ell sp" title={thing.name}>{thing.name}</span>
        <span className="num dim">{bytes(thing.bytes)}</span>
        <button type="button" className="btn sm" aria-label={t("restoreOf", { name: thing.name })} onClick={() => restore.mutate([thing])}><Icon name="undo" size={12} />{t("restore")}</button>
        {sure
          ? <button type="button" className="btn sm ds-forever" onClick={() => remove.mutate()} disabled={remove.isPending}>{t("deleteSure", { bytes: bytes(thing.bytes) })}</button>
          : <button type="button" className="btn quiet sm" aria-label={t("deleteOf", { name: thing.name })} onClick={() => setSure(true)}>{t("deleteForever")}</button>}
      </div>
      <ErrorNote error={restore.error ?? remove.error} />
    </li>
  );
}
