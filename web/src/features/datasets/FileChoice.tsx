/** Where files come from: chosen or dropped, or a path of this machine. */
import { TextInput } from "@mantine/core";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { bytes, duration, percent } from "@/ui/measures";
import { ProblemNote } from "@/ui/ProblemNote";

import type { UploadState, useUploads } from "./upload";

type Words = (key: string, params?: Record<string, unknown>) => string;

export function FileChoice({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation("datasets");
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null) => { if (files?.length) onFiles([...files]); };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <div className={over ? "ds-drop over" : "ds-drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="upload" size={24} />
      <p>{t("dropWords")}</p>
      <label className="btn lg">
        <Icon name="folder" />
        {t("chooseFiles")}
        <input ref={input} type="file" multiple className="sr" onChange={(event) => take(event.target.files)} />
      </label>
      <Kinds />
    </div>
  );
}

/** What can come in, each kind with its shape in a few words. */
function Kinds() {
  const panels = useTranslation("panels").t;
  const kinds = ["zip", "audio", "images", "table", "npy"] as const;
  return (
    <ul className="ds-kinds t12 dim">
      {kinds.map((kind) => <li key={kind}><b className="b6">{panels(`kind.${kind}`)}</b> {panels(`kindWords.${kind}`)}</li>)}
    </ul>
  );
}

export function LocalPath({ path, onPath }: { path: string; onPath: (path: string) => void }) {
  const panels = useTranslation("panels").t;
  return (
    <div className="ds-dialog">
      <p className="t12 mut">{panels("localWords")}</p>
      <TextInput label={panels("localPath")} placeholder="/home/me/recordings" value={path} maxLength={4_000} onChange={(event) => onPath(event.currentTarget.value)} data-autofocus />
    </div>
  );
}

function uploadWords(state: UploadState, t: Words): string {
  if (state.phase === "paused") return t("uploadPaused");
  if (state.phase === "waiting") return t("uploadWaiting");
  if (state.phase === "complete") return t("uploadComplete");
  if (state.phase === "failed") return t("uploadFailed");
  if (!state.bytesPerSecond) return t("uploadStarting");
  const left = (state.totalBytes - state.sentBytes) / state.bytesPerSecond;
  return t("uploadRate", { rate: bytes(state.bytesPerSecond), left: duration(left) });
}

export function UploadProgress({ upload }: { upload: ReturnType<typeof useUploads> }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const { state } = upload;
  const share = state.totalBytes ? state.sentBytes / state.totalBytes : state.phase === "complete" ? 1 : 0;
  const name = state.fileCount > 1 ? panels("filesOf", { done: Math.min(state.doneCount + 1, state.fileCount), total: state.fileCount, name: state.fileName }) : state.fileName;
  return (
    <div className="ds-upload">
      <div className="row"><Icon name="file" /><b className="b6 ell" title={name}>{name}</b><span className="sp" /><span className="num b5">{percent(share)}</span></div>
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
