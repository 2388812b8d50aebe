/** A spectrogram with hertz at the left on the mel scale, seconds below, and the play head over it. */
import { useTranslation } from "react-i18next";

import { type AxisMark, frequencyMarks } from "./columns";

type Props = { address: string; alt: string; band: { min_hz: number; max_hz: number } | null; marks: readonly AxisMark[]; headAt?: number | null; heightPx?: number };

export function Spectrogram({ address, alt, band, marks, headAt = null, heightPx = 64 }: Props) {
  const { t } = useTranslation("table");
  return (
    <div className={band ? "dt-spec axed" : "dt-spec"}>
      <img src={address} alt={alt} style={{ height: heightPx }} loading="lazy" decoding="async" />
      {band ? <>{frequencyMarks(band).map((mark) => <span key={mark.label} className="y" style={{ top: `${mark.at * heightPx}px` }}>{mark.label}</span>)}<span className="y unit" style={{ top: heightPx - 3 }}>Hz</span></> : null}
      {marks.map((mark) => <span key={mark.at} className="x" style={{ left: `calc(var(--axis) + (100% - var(--axis)) * ${mark.at})` }} data-at={mark.at}>{mark.at === 1 ? t("secondsLong", { seconds: mark.label }) : mark.label}</span>)}
      {headAt !== null && headAt <= 1 ? <span className="head" style={{ left: `calc(var(--axis) + (100% - var(--axis)) * ${headAt})`, height: heightPx + 6 }} /> : null}
    </div>
  );
}
