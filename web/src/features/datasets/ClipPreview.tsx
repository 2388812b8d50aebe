/** One real clip under the settings at hand: hear it, see its waveform and its spectrogram with every axis. */
import type { MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ProblemNote } from "@/ui/ProblemNote";

import { PlayButton } from "./AudioCell";
import { ShapeText } from "./ColumnHeader";
import type { AudioEncoding } from "./audioMeasures";
import { type Feature, fileName, isVariable, mediaAddress, shownPath, timeMarks, type Version } from "./columns";
import { normalizationIn } from "./normalization";
import { player, useClip } from "./player";
import { Spectrogram } from "./Spectrogram";
import { outline } from "./waveformOutline";
import type { FileChoice } from "./useFileChoice";
import type { Preview, PreviewState } from "./usePreview";

const PICTURE_PX = 148;

export function ClipPreview({ version, feature, encoding, clips, state, children }: { version: Version; feature: Feature; encoding: AudioEncoding; clips: FileChoice; state: PreviewState; children: ReactNode }) {
  const { t } = useTranslation("table");
  const name = String(clips.row?.values[feature.name] ?? "");
  const file = fileName(name);
  const address = clips.row ? mediaAddress(API_PREFIX, version.id, clips.row.index, feature.name) : "";
  const { preview } = state;
  return (
    <div className="dt-clip-preview">
      <div className="row">
        {clips.row ? <PlayButton address={address} name={file} /> : null}
        <div className="sp">
          <p className="b5 ell" title={shownPath(name)}>{file}</p>
          <p className="t11 dim num">{t("clipOf", { place: number(Math.min(clips.place + 1, clips.total)), total: number(clips.total) })}{preview ? ` · ${t("secondsLong", { seconds: number(preview.seconds, 1) })}` : ""}</p>
        </div>
        {preview ? <span className="t12" title={t(isVariable(encoding) ? "shapeOfClip" : "shapeEncoded")}><ShapeText shape={preview.shape} /></span> : null}
        <button type="button" className="btn quiet icon ds-back" aria-label={t("earlierClip")} title={t("earlierClip")} onClick={() => clips.move(-1)}><Icon name="right" /></button>
        <button type="button" className="btn quiet icon" aria-label={t("laterClip")} title={t("laterClip")} onClick={() => clips.move(1)}><Icon name="right" /></button>
      </div>
      {preview ? <Drawings preview={preview} encoding={encoding} address={address} file={file} /> : <div className="dt-blank" aria-busy="true" />}
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {children}
    </div>
  );
}

function Drawings({ preview, encoding, address, file }: { preview: Preview; encoding: AudioEncoding; address: string; file: string }) {
  const { t } = useTranslation("table");
  const clip = useClip(address);
  const heard = clip && clip.seconds > 0 ? clip.seconds : null;
  const spectrogram = encoding.kind === "spectrogram" ? encoding.spectrogram : null;
  const first = preview.first_second ?? 0;
  const inPicture = heard === null ? null : (heard - first) / preview.picture_seconds;
  const seek = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    player.seek(address, spectrogram ? share * preview.seconds : first + share * preview.picture_seconds);
  };
  return (
    <>
      {/* The outline of a waveform is of what a model gets, else of the whole clip. */}
      <Waveform preview={preview} whole={spectrogram !== null} headAt={heard === null ? null : spectrogram ? heard / preview.seconds : inPicture} label={t("waveformOf", { name: file })} onSeek={seek} />
      {spectrogram ? (
        <div className="dt-with-bar">
          <Spectrogram
            address={`data:image/png;base64,${preview.picture_png_base64}`} alt={t("soundOf", { name: file })} band={spectrogram} heightPx={PICTURE_PX}
            marks={timeMarks(preview.picture_seconds, first)} headAt={inPicture !== null && inPicture >= 0 ? inPicture : null}
          />
          <ColourBar preview={preview} unit={isOfClip(encoding) ? "" : " dB"} />
        </div>
      ) : null}
      {spectrogram && preview.empty_bands ? <p className="t12 dt-warn row" role="status"><Icon name="warn" size={12} /><span>{t("emptyBands", { count: preview.empty_bands, bands: number(preview.empty_bands), all: number(spectrogram.mel_bands) })}</span></p> : null}
    </>
  );
}

/** Normalised by each clip's own numbers; those of the dataset are not known before the version is saved. */
function isOfClip(encoding: AudioEncoding): boolean {
  const { over, kind } = normalizationIn(encoding);
  return over === "clip" && kind !== "none";
}

/** Loudest and quietest of the picture, and a few values between. */
function ColourBar({ preview, unit }: { preview: Preview; unit: string }) {
  const digits = preview.maximum - preview.minimum < 10 ? 1 : 0;
  const marks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, value: preview.maximum - (preview.maximum - preview.minimum) * at }));
  return (
    <div className="dt-bar" style={{ height: PICTURE_PX }} aria-hidden="true">
      <span className="ramp" />
      {marks.map((mark) => <span key={mark.at} className="v" style={{ top: `${mark.at * 100}%` }} data-at={mark.at}>{number(mark.value, digits)}{mark.at === 0 ? unit : ""}</span>)}
    </div>
  );
}

/** Lowest and highest sample per column; what the picture leaves out is pale. */
function Waveform({ preview, whole, headAt, label, onSeek }: { preview: Preview; whole: boolean; headAt: number | null; label: string; onSeek: (event: MouseEvent<SVGSVGElement>) => void }) {
  const { t } = useTranslation("table");
  const columns = preview.waveform.length;
  const first = preview.first_second ?? 0;
  const from = whole && preview.seconds ? (first / preview.seconds) * columns : 0;
  const to = whole && preview.seconds ? Math.min(columns, ((first + preview.shown_seconds) / preview.seconds) * columns) : columns;
  return (
    <div className="dt-wave">
      <svg viewBox={`0 0 ${Math.max(1, columns)} 2`} preserveAspectRatio="none" role="img" aria-label={label} onClick={onSeek}>
        <rect className="in" x={from} y="0" width={Math.max(0, to - from)} height="2" />
        <path d={outline(preview.waveform)} />
      </svg>
      {headAt !== null && headAt >= 0 && headAt <= 1 ? <span className="head" style={{ left: `${headAt * 100}%` }} /> : null}
      {(whole ? timeMarks(preview.seconds) : timeMarks(preview.picture_seconds, first)).map((mark) => <span key={mark.at} className="x" style={{ left: `${mark.at * 100}%` }} data-at={mark.at}>{mark.at === 1 ? t("secondsLong", { seconds: mark.label }) : mark.label}</span>)}
    </div>
  );
}
