/** Where files come from: chosen or dropped, or a path of this machine. */
import { TextInput } from "@mantine/core";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { bytes, duration, number, percent } from "@/ui/measures";
import { ProblemNote } from "@/ui/ProblemNote";

import { droppedEntries, foundInDrop, foundInList, type Gathered, gathered } from "./gather";
import type { UploadState, useUploads } from "./upload";

const SHOWN_NAMES = 5;
// Not among the attributes that React's types know.
const WHOLE_FOLDER = { webkitdirectory: "" };

type Words = (key: string, params?: Record<string, unknown>) => string;

type Look = (onCount: (files: number) => void) => Promise<Gathered>;

export function FileChoice({ onGiven }: { onGiven: (look: Look) => void }) {
  const { t } = useTranslation("datasets");
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    if (!files?.length) return;
    const found = foundInList(files);
    onGiven(() => gathered(found));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = droppedEntries(event.dataTransfer);
    onGiven(async (onCount) => gathered(await foundInDrop(dropped, onCount)));
  };
  return (
    <div className={over ? "ds-drop over" : "ds-drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="upload" size={24} />
      <p>{t("dropWords")}</p>
      <div className="ds-choose">
        <label className="btn lg">
          <Icon name="file" />
          {t("chooseFiles")}
          <input type="file" multiple className="sr" onChange={(event) => take(event.target.files)} />
        </label>
        <label className="btn lg">
          <Icon name="folder" />
          {t("chooseFolder")}
          <input type="file" className="sr" {...WHOLE_FOLDER} onChange={(event) => take(event.target.files)} />
        </label>
      </div>
      <Kinds />
    </div>
  );
}

/** Files that were chosen and will not be sent, by name and with the reason. */
export function LeftOutFiles({ state }: { state: UploadState }) {
  const { t } = useTranslation("datasets");
  const groups = [["leftOutUnreadable", state.unreadable], ["leftOutUnsafe", state.unsafe]] as const;
  return groups.map(([key, names]) => names.length === 0 ? null : (
    <div key={key} className="note warn" role="status">
      <Icon name="warn" />
      <p className="sp t12">{t(key, { count: names.length })} <span className="mut">{names.slice(0, SHOWN_NAMES).join(", ")}{names.length > SHOWN_NAMES ? ` ${t("andMore", { count: names.length - SHOWN_NAMES })}` : ""}</span></p>
    </div>
  ));
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
  if (state.phase === "looking") return <p className="ds-upload mut" role="status">{t("lookingThrough", { count: state.fileCount, files: number(state.fileCount) })}</p>;
  const share = state.totalBytes ? state.sentBytes / state.totalBytes : state.phase === "complete" ? 1 : 0;
  const name = state.uploadCount > 1 ? panels("filesOf", { done: Math.min(state.doneCount + 1, state.uploadCount), total: state.uploadCount, name: state.fileName }) : state.fileName;
  return (
    <div className="ds-upload">
      <div className="row"><Icon name={state.isFolder ? "folder" : "file"} /><b className="b6 ell" title={name}>{name}</b><span className="sp" /><span className="num b5">{percent(share)}</span></div>
      <div className="bar" role="progressbar" aria-label={t("uploadOf", { name: state.fileName })} aria-valuenow={Math.floor(share * 100)} aria-valuemin={0} aria-valuemax={100}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className="row t12 mut num">
        <span>{t("bytesOf", { sent: bytes(state.sentBytes), total: bytes(state.totalBytes) })}{state.fileCount > 1 ? t("inFiles", { count: state.fileCount, files: number(state.fileCount) }) : null}</span>
        <span className="sp" role="status">{uploadWords(state, t)}</span>
        {state.phase === "sending" || state.phase === "waiting" ? <button type="button" className="btn sm" onClick={upload.pause}><Icon name="pause" size={12} />{t("pause")}</button> : null}
        {state.phase === "paused" || state.phase === "failed" ? <button type="button" className="btn sm" onClick={upload.resume}><Icon name="play" size={12} />{t("resume")}</button> : null}
        {state.phase === "failed" || state.phase === "complete" ? <button type="button" className="btn sm" onClick={upload.reset}>{t("chooseAnother")}</button> : null}
      </div>
      <LeftOutFiles state={state} />
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
    </div>
  );
}
