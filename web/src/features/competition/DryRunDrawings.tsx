/** Two numbers drawn against what they are worth: time against the limit, score against chance. */
import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { duration, metricValue, number } from "@/ui/measures";

import { chanceLwlrap, limitSeconds, timeScale } from "./scales";

type DryRun = Schemas["DryRun"];

export function TimeCard({ dryRun }: { dryRun: DryRun }) {
  const { t } = useTranslation("competition");
  const { ref, width } = useElementSize<HTMLDivElement>();
  if (dryRun.projected_seconds == null) return null;
  const scale = timeScale(dryRun.projected_seconds, limitSeconds(dryRun.checks ?? []));
  const x = (seconds: number) => (seconds / scale.end) * width;
  return (
    <section className="card" aria-labelledby="co-time">
      <h2 id="co-time">{t("timeOnKaggle")}</h2>
      <p className="co-big num">{duration(scale.projected)} <small>{t("ofAllowed", { limit: duration(scale.limit) })}</small></p>
      <div className="co-drawing" ref={ref}>
        <svg viewBox={`0 0 ${Math.max(1, width)} 44`} width={width} height="44" aria-hidden="true">
          <rect x="0.5" y="8.5" width={Math.max(0, x(scale.limit) - 1)} height="11" rx="2" fill="var(--sunken)" stroke="var(--line)" />
          <rect x="0" y="8" width={Math.max(2, x(scale.projected))} height="12" rx="2" fill="var(--accent)" />
          <rect x={x(scale.projected)} y="8" width={x(scale.worst - scale.projected)} height="12" fill="var(--accent)" opacity=".22" />
          <path d={`M${x(scale.limit)} 2v24`} stroke="var(--bad)" strokeWidth="2" />
          {scale.hours.map((hour) => (
            <g key={hour}>
              <path d={`M${x(hour * 3_600) + (hour ? 0 : 0.5)} 24v4`} stroke="var(--line-3)" />
              <text x={x(hour * 3_600)} y="40" textAnchor={hour ? "middle" : "start"}>{t("hours", { n: hour })}</text>
            </g>
          ))}
          <text className="limit" x={x(scale.limit) + 4} y="40" textAnchor="end">{t("limit", { time: duration(scale.limit) })}</text>
        </svg>
      </div>
      <p className="t11 dim num">{t("perClip", { time: number(dryRun.seconds_per_clip ?? 0, (dryRun.seconds_per_clip ?? 0) < 0.1 ? 3 : 2), worst: duration(scale.worst) })}</p>
      {scale.fits ? null : <p className="st warn">{t("mayNotFit")}</p>}
    </section>
  );
}

type Stop = { value: number; label: string; main: boolean };

export function ScoreCard({ competition, dryRun }: { competition: Schemas["Competition"]; dryRun: DryRun }) {
  const { t } = useTranslation("competition");
  const { ref, width } = useElementSize<HTMLDivElement>();
  const local = dryRun.local_score ?? null;
  const shown = local ?? competition.validation_score ?? null;
  const stops: Stop[] = [{ value: chanceLwlrap(competition.classes), label: t("chance"), main: false }];
  if (competition.validation_score != null) stops.push({ value: competition.validation_score, label: t("validationScore"), main: local === null });
  if (local !== null) stops.push({ value: local, label: t("testScore"), main: true });
  stops.sort((a, b) => a.value - b.value);
  const labels = labelPlaces(stops, width);
  const height = 44 + 14 * Math.max(...labels.map((label) => label.line));
  return (
    <section className="card" aria-labelledby="co-score">
      <h2 id="co-score">{t("localScore")}</h2>
      <p className="co-big num">{metricValue(shown)} <small>{local === null ? t("scoreOnValidation") : t("scoreOnTest", { clips: number(dryRun.total_clips ?? 0) })}</small></p>
      <div className="co-drawing" ref={ref}>
        <svg viewBox={`0 0 ${Math.max(1, width)} ${height}`} width={width} height={height} aria-hidden="true">
          <path d={`M0 14H${width}`} stroke="var(--line-2)" strokeWidth="2" />
          {stops.map((stop) => (
            <circle key={stop.label} cx={stop.value * width} cy="14" r={stop.main ? 6 : 4} fill={stop.main ? "var(--accent)" : "var(--surface)"} stroke={stop.main ? "var(--surface)" : "var(--line-3)"} strokeWidth="2" />
          ))}
          {labels.map(({ stop, place, line }) => <text key={stop.label} className={stop.main ? "key" : undefined} x={place} y={36 + line * 14} textAnchor="middle">{stop.label}</text>)}
        </svg>
      </div>
      <p className="t11 dim">{t(local === null ? "scoreUnknown" : "scoreWords", { chance: metricValue(chanceLwlrap(competition.classes)), validation: metricValue(competition.validation_score) })}</p>
    </section>
  );
}

/** Labels under their stops, kept within the drawing; one that would touch its neighbour goes a line lower. */
function labelPlaces(stops: readonly Stop[], width: number): { stop: Stop; place: number; line: number }[] {
  const ends: number[] = [];
  return stops.map((stop) => {
    const half = Math.max(stop.label.length * 6.4, 24) / 2;
    const place = Math.min(Math.max(stop.value * width, half), Math.max(half, width - half));
    let line = ends.findIndex((end) => place - half > end + 6);
    if (line < 0) line = ends.length;
    ends[line] = place + half;
    return { stop, place, line };
  });
}
