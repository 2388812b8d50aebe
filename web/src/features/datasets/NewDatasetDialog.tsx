/** `New dataset`: choose or drop files, watch them go up, name the dataset. */
import { Modal, Tabs, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, unfinishedUploadsQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes, duration, percent } from "@/ui/measures";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

import { UnfinishedUploads } from "./UnfinishedUploads";
import { type UploadState, useUpload } from "./upload";

type Props = { projectId: string; opened: boolean; onClose: () => void; onCreated: (dataset: Schemas["Dataset"]) => void };

export function NewDatasetDialog(props: Props) {
  const { t } = useTranslation("datasets");
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t("newDataset")} size={560} centered closeButtonProps={{ "aria-label": t("close") }}>
      {props.opened ? <Steps {...props} /> : null}
    </Modal>
  );
}

function Steps({ projectId, onClose, onCreated }: Props) {
  const { t } = useTranslation("datasets");
  const upload = useUpload();
  const [naming, setNaming] = useState(false);
  const unfinished = (useQuery(unfinishedUploadsQuery).data ?? []).filter((each) => each.file_name.toLowerCase().endsWith(".zip"));
  if (naming && upload.state.uploadId) {
    return <NameForm projectId={projectId} uploadId={upload.state.uploadId} fileName={upload.state.fileName} onBack={() => setNaming(false)} onCreated={onCreated} />;
  }
  const cancel = () => {
    upload.reset();
    onClose();
  };
  return (
    <div className="ds-dialog">
      <Tabs defaultValue="files">
        <Tabs.List><Tabs.Tab value="files">{t("uploadFiles")}</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="files" pt={12}>
          {upload.state.phase === "idle" ? <FileChoice onFile={(file) => upload.start(file, unfinished)} /> : <UploadProgress upload={upload} />}
          {upload.state.phase === "idle" ? <UnfinishedUploads uploads={unfinished} /> : null}
        </Tabs.Panel>
      </Tabs>
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={cancel}>{t("cancel")}</button>
        <button type="button" className="btn primary lg" disabled={upload.state.phase !== "complete"} onClick={() => setNaming(true)}>{t("next")}</button>
      </div>
    </div>
  );
}

function FileChoice({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation("datasets");
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div className={over ? "ds-drop over" : "ds-drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="upload" size={24} />
      <p>{t("dropWords")}</p>
      <label className="btn lg">
        <Icon name="folder" />
        {t("chooseFiles")}
        <input ref={input} type="file" className="sr" accept=".zip,application/zip" onChange={(event) => { const file = event.target.files?.[0]; if (file) onFile(file); }} />
      </label>
      <p className="t12 dim">{t("whatGoesIn")}</p>
    </div>
  );
}

function uploadWords(state: UploadState, t: (key: string, params?: Record<string, unknown>) => string): string {
  if (state.phase === "paused") return t("uploadPaused");
  if (state.phase === "waiting") return t("uploadWaiting");
  if (state.phase === "complete") return t("uploadComplete");
  if (state.phase === "failed") return t("uploadFailed");
  if (!state.bytesPerSecond) return t("uploadStarting");
  const left = (state.totalBytes - state.sentBytes) / state.bytesPerSecond;
  return t("uploadRate", { rate: bytes(state.bytesPerSecond), left: duration(left) });
}

function UploadProgress({ upload }: { upload: ReturnType<typeof useUpload> }) {
  const { t } = useTranslation("datasets");
  const { state } = upload;
  const share = state.totalBytes ? state.sentBytes / state.totalBytes : 0;
  return (
    <div className="ds-upload">
      <div className="row"><Icon name="file" /><b className="b6 ell">{state.fileName}</b><span className="sp" /><span className="num b5">{percent(share)}</span></div>
      <div className="bar" role="progressbar" aria-label={t("uploadOf", { name: state.fileName })} aria-valuenow={Math.floor(share * 100)} aria-valuemin={0} aria-valuemax={100}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className="row t12 mut num">
        <span>{t("bytesOf", { sent: bytes(state.sentBytes), total: bytes(state.totalBytes) })}</span>
        <span className="sp" role="status">{uploadWords(state, t)}</span>
        {state.phase === "sending" || state.phase === "waiting" ? <button type="button" className="btn sm" onClick={upload.pause}><Icon name="pause" size={12} />{t("pause")}</button> : null}
        {state.phase === "paused" || state.phase === "failed" ? <button type="button" className="btn sm" onClick={upload.resume}><Icon name="play" size={12} />{t("resume")}</button> : null}
        {state.phase === "failed" || state.phase === "complete" ? <button type="button" className="btn sm" onClick={upload.reset}>{t("chooseAnother")}</button> : null}
      </div>
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
    </div>
  );
}

function NameForm({ projectId, uploadId, fileName, onBack, onCreated }: { projectId: string; uploadId: string; fileName: string; onBack: () => void; onCreated: Props["onCreated"] }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [name, setName] = useState(fileName.replace(/\.[^.]+$/, ""));
  const create = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: projectId } }, body: { name: name.trim(), upload_id: uploadId } })),
    onSuccess: async (dataset) => {
      await client.invalidateQueries({ queryKey: keys.datasets(projectId) });
      onCreated(dataset);
    },
  });
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <TextInput label={t("name")} value={name} maxLength={120} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <ErrorNote error={create.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onBack}>{t("back")}</button>
        <button type="submit" className="btn primary lg" disabled={!name.trim() || create.isPending}>{t("done")}</button>
      </div>
    </form>
  );
}
