/** The training loss batch by batch: the mean as a line, between lowest and highest a band, so that spikes show. */
import { useElementSize } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { lossCurveQuery } from "@/api/queries";
import { metricValue, number } from "@/ui/measures";

import { type LossChartRecord, type LossLine, type LossPoint, pointAt, prepareLossChart, stretchesOf } from "./lossCurve";
import { OffChart } from "./OffChart";
import { AxisLines, BOTTOM, ClippedToPlot, FarMark, LEFT, RIGHT, type Scale, TOP } from "./plot";
import { RunMarker } from "./RunMarker";
import type { Named } from "./series";

type BatchLossChartProps = { shown: readonly Named[]; growing: boolean; numbers: boolean; whole: boolean; onWhole: (whole: boolean) => void };

export function BatchLossChart({ shown, growing, numbers, whole, onWhole }: BatchLossChartProps) {
  const { t } = useTranslation("evaluation");
  const curves = useQueries({ queries: shown.map(({ run }) => lossCurveQuery(run.id)) });
  const chart = prepareLossChart(shown.map((named, place) => ({ named, points: curves[place]?.data?.points ?? [] })), whole);
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const [place, setPlace] = useState<number | null>(null);
  const scale = scaleOf(chart, width, height);
  const follow = (event: PointerEvent<HTMLElement>) => {
    const across = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setPlace(Math.min(chart.lastEpoch, Math.max(0, ((across - LEFT) / Math.max(1, width - LEFT - RIGHT)) * chart.lastEpoch)));
  };
  if (numbers) return <LossNumbers chart={chart} />;
  return (
    <>
      <OffChart beyond={chart.beyond} decimals={chart.decimals + 1} whole={whole} onWhole={onWhole} />
      <div className="ev-plot" ref={ref} role="img" aria-label={summaryOf(chart, t)} onPointerMove={follow} onPointerLeave={() => setPlace(null)}>
        {width > 0 && height > 0 ? (
          <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
            <AxisLines scale={scale} valueTicks={chart.valueTicks} epochTicks={chart.epochTicks} decimals={chart.decimals} word={t("epochAxis")} />
            {place === null ? null : <path className="ev-cursor" d={`M${scale.x(place)} ${TOP}V${height - BOTTOM}`} />}
            <ClippedToPlot scale={scale}>{chart.lines.map((line) => <LossPaths key={line.named.run.id} line={line} scale={scale} />)}</ClippedToPlot>
            {chart.lines.flatMap((line) => offEnds(line, chart).map((point) => <FarMark key={`${line.named.run.id} ${point.start}`} x={scale.x((point.start + point.end) / 2)} scale={scale} below={false} style={line.named.style} />))}
          </svg>
        ) : null}
        {chart.lines.length ? null : <p className="ev-plot-empty"><span>{growing ? t("noBatchYet") : t("noBatchKept")}</span></p>}
        {place === null ? null : <LossReadout chart={chart} place={place} scale={scale} />}
      </div>
    </>
  );
}

/** The first and the last point of a line that are off the chart. */
function offEnds(line: LossLine, chart: LossChartRecord): LossPoint[] {
  const off = line.points.filter(({ high }) => high > (chart.valueTicks.at(-1) ?? 0));
  return [...new Set([...off.slice(0, 1), ...off.slice(-1)])];
}

function scaleOf(chart: LossChartRecord, width: number, height: number): Scale {
  const low = chart.valueTicks[0] ?? 0;
  const span = (chart.valueTicks.at(-1) ?? 1) - low || 1;
  return {
    width,
    height,
    x: (place) => LEFT + (place / chart.lastEpoch) * (width - LEFT - RIGHT),
    y: (value) => TOP + (1 - (value - low) / span) * (height - TOP - BOTTOM),
  };
}

function LossPaths({ line, scale }: { line: LossLine; scale: Scale }) {
  const color = `var(${line.named.style.color})`;
  return stretchesOf(line.points).map((points) => {
    const middle = (point: (typeof points)[number]) => scale.x((point.start + point.end) / 2).toFixed(1);
    const way = (value: (point: (typeof points)[number]) => number, list = points) => list.map((point) => `${middle(point)} ${scale.y(value(point)).toFixed(1)}`).join("L");
    return (
      <g key={points[0]?.start}>
        <path d={`M${way((point) => point.high)}L${way((point) => point.low, [...points].reverse())}Z`} fill={color} stroke={color} strokeWidth="0.75" opacity="0.22" />
        <path className="ev-line" d={`M${way((point) => point.mean)}`} stroke={color} strokeWidth="1.25" />
      </g>
    );
  });
}

function LossReadout({ chart, place, scale }: { chart: LossChartRecord; place: number; scale: Scale }) {
  const { t } = useTranslation("evaluation");
  const found = chart.lines.flatMap((line) => {
    const point = pointAt(line, place);
    return point ? [{ line, point }] : [];
  });
  if (!found.length) return null;
  const digits = chart.decimals + 1;
  return (
    <div className="ev-readout" style={scale.x(place) < scale.width / 2 ? { left: scale.x(place) + 12 } : { right: scale.width - scale.x(place) + 12 }}>
      <p className="dim">{t("withinEpoch", { epoch: Math.floor(place) + 1, share: number(Math.floor((place % 1) * 100)) })}</p>
      <table className="num">
        <thead><tr><th /><th /><th>{t("lowest")}</th><th>{t("mean")}</th><th>{t("highest")}</th></tr></thead>
        <tbody>
          {found.map(({ line, point }) => (
            <tr key={line.named.run.id}>
              <td><RunMarker style={line.named.style} size={10} /></td>
              <td className="ell">{line.named.name}</td>
              <td className="mut">{metricValue(point.low, digits)}</td>
              <td className="b6">{metricValue(point.mean, digits)}</td>
              <td className="mut">{metricValue(point.high, digits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LossNumbers({ chart }: { chart: LossChartRecord }) {
  const { t } = useTranslation("evaluation");
  return (
    <div className="ev-numbers" tabIndex={0} role="region" aria-label={t("numbersOf", { metric: t("lossByBatch") })}>
      <table className="tbl num">
        <thead><tr><th scope="col">{t("run")}</th><th scope="col" className="r">{t("untilEpoch")}</th><th scope="col" className="r">{t("lowest")}</th><th scope="col" className="r">{t("mean")}</th><th scope="col" className="r">{t("highest")}</th></tr></thead>
        <tbody>
          {chart.lines.flatMap((line) => line.points.map((point) => (
            <tr key={`${line.named.run.id} ${point.start}`}>
              <td>{line.named.name}</td><td className="r">{number(point.end, 2)}</td><td className="r mut">{metricValue(point.low)}</td><td className="r b5">{metricValue(point.mean)}</td><td className="r mut">{metricValue(point.high)}</td>
            </tr>
          )))}
        </tbody>
      </table>
    </div>
  );
}

function summaryOf(chart: LossChartRecord, t: ReturnType<typeof useTranslation<"evaluation">>["t"]): string {
  if (!chart.lines.length) return t("chartSummaryEmpty", { metric: t("lossByBatch") });
  const runs = chart.lines.map(({ named, points }) => t("batchSummaryRun", { name: named.name, value: metricValue(points.at(-1)?.mean) }));
  return t("batchSummary", { runs: runs.join("; ") });
}
