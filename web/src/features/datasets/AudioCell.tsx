/** One clip in its row: play, how long it is, which file, and what it looks like. */
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { drawnSettings, type Feature, fileName, mediaAddress, pictureAddress, shownPath, shownSeconds, timeMarks, trimsSilence, type Version } from "./columns";
import { player, useClip } from "./player";
import type { Row } from "./rowPages";
import { Spectrogram } from "./Spectrogram";
import { useShownPart } from "./useShownPart";

const PICTURE_PIXELS = 480;
const PICTURE_PX = 64;
const LARGE_PIXELS = 960;
const LARGE_PX = 160;

export function AudioCell({ version, feature, row, large = false }: { version: Version; feature: Feature; row: Row; large?: boolean }) {
  const { t } = useTranslation("table");
  const name = String(row.values[feature.name] ?? "");
  const file = fileName(name);
  const address = mediaAddress(API_PREFIX, version.id, row.index, feature.name);
  const clip = useClip(address);
  const seconds = row.media?.[feature.name]?.seconds ?? (clip?.duration || null);
  const picture = pictureAddress(API_PREFIX, version, row.index, feature, large ? LARGE_PIXELS : PICTURE_PIXELS);
  const trims = trimsSilence(feature.encoding);
  const part = useShownPart(picture, trims);
  const shown = trims && !part ? null : shownSeconds(feature.encoding, part ? part.seconds : seconds);
  const first = part?.firstSecond ?? 0;
  const headAt = clip && shown && clip.seconds > 0 ? (clip.seconds - first) / shown : null;
  return (
    <div className={`dt-audio${clip ? " at-hand" : ""}${large ? " large" : ""}`}>
      <div className="dt-clip">
        <PlayButton address={address} name={file} />
        <span className="t11 dim num">{clip && clip.seconds > 0 ? <><b className="b6">{number(clip.seconds, 1)}</b>{" / "}</> : null}{seconds === null ? null : t("secondsLong", { seconds: number(seconds, 1) })}</span>
        <span className="t11 dim ell" title={shownPath(name)}>{clip?.failed ? <span className="dt-warn">{t("cannotPlay")}</span> : file.replace(/\.(wav|flac|ogg|mp3)$/i, "")}</span>
      </div>
      <Spectrogram
        address={picture} alt={t("soundOf", { name: file })} band={drawnSettings(feature)} heightPx={large ? LARGE_PX : PICTURE_PX}
        marks={shown ? timeMarks(shown, first) : []} headAt={headAt !== null && headAt >= 0 ? headAt : null}
      />
    </div>
  );
}

export function PlayButton({ address, name }: { address: string; name: string }) {
  const { t } = useTranslation("table");
  const clip = useClip(address);
  return (
    <button type="button" className="dt-play" aria-pressed={clip?.playing ?? false} aria-label={clip?.playing ? t("pauseClip", { name }) : t("playClip", { name })} onClick={() => player.toggle(address)}>
      <Icon name={clip?.playing ? "pause" : "play"} />
    </button>
  );
}
