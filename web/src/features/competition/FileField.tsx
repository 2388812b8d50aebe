/** A file to give: a labelled button, what was chosen, and how far its upload is. */
import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { bytes } from "@/ui/measures";

import type { FileUpload } from "./useFileUpload";

export function FileField({ label, hint, accept, upload }: { label: string; hint: string; accept: string; upload: FileUpload }) {
  const { t } = useTranslation("competition");
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) upload.choose(dropped);
  };
  return (
    <div className="field">
      <label className="co-label" htmlFor={id}>{label}</label>
      <div className={`co-file${over ? " over" : ""}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <input ref={input} id={id} className="sr" type="file" accept={accept} aria-describedby={`${id}-hint`} onChange={(event) => upload.choose(event.currentTarget.files?.[0] ?? null)} />
        <button type="button" className="btn" tabIndex={-1} aria-hidden="true" onClick={() => input.current?.click()}><Icon name="file" />{upload.file ? t("chooseAnother") : t("chooseFile")}</button>
        <span className="t12 ell sp" title={upload.file?.name}>{upload.file ? upload.file.name : <span className="dim">{t("orDrop")}</span>}</span>
        <UploadState upload={upload} />
      </div>
      {upload.file && !upload.uploadId ? <div className="bar co-upload-bar"><span style={{ width: `${(upload.sentBytes / Math.max(1, upload.file.size)) * 100}%` }} /></div> : null}
      <p className="t12 dim" id={`${id}-hint`}>{hint}</p>
    </div>
  );
}

function UploadState({ upload }: { upload: FileUpload }) {
  const { t } = useTranslation("competition");
  if (!upload.file) return null;
  if (upload.failed) {
    return (
      <>
        <span className="st bad" role="alert">{t("uploadFailed")}</span>
        <button type="button" className="btn sm" onClick={upload.retry}>{t("tryAgain")}</button>
      </>
    );
  }
  if (upload.uploadId) return <span className="st" role="status"><Icon name="check" size={12} />{t("uploaded", { size: bytes(upload.file.size) })}</span>;
  return <span className="st live num" role="status">{t("uploading", { sent: bytes(upload.sentBytes), size: bytes(upload.file.size) })}</span>;
}
