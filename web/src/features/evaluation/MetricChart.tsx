/** The chart of one metric: draws a finished `ChartRecord`, and reads it out under the pointer. */
import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { metricValue } from "@/ui/measures";

import type { Comparable } from "./comparable";
import { placeEndLabels } from "./endLabels";
import { endValue } from "./endValue";
import { NotDrawn } from "./NotDrawn";
import { OffChart } from "./OffChart";
import { AxisLines, BOTTOM, ClippedToPlot, FarMark, LEFT, RIGHT, type Scale, TOP } from "./plot";
import { MarkerShapeAt, RunMarker } from "./RunMarker";
import { type ChartRecord, type ChartSeries, epochsOf, markedPoints, type Point, readoutAt } from "./series";

const LABEL_GAP = 13;
/** Middle of a label's marker, clear of the last marker of the line and of the ring of the best checkpoint. */
const LABEL_AWAY = 15;

function scaleOf(chart: ChartRecord, width: number, height: number): Scale {
  const epochs = Math.max(1, chart.lastEpoch - chart.firstEpoch);
  const span = chart.maximum - chart.minimum || 1;
  return {
    width,
    height,
    x: (epoch) => LEFT + ((epoch - chart.firstEpoch) / epochs) * (width - LEFT - RIGHT),
    y: (value) => TOP + (1 - (value - chart.minimum) / span) * (height - TOP - BOTTOM),
  };
}

export type MetricChartProps = {
  chart: ChartRecord;
  title: string;
  meaning: string;
  /** In which units its values are; nothing where they have none. */
  units?: string;
  /** Epoch that the pointer is at, shared by all charts of the view. */
  epoch: number | null;
  onEpoch: (epoch: number | null) => void;
  numbers: boolean;
  /** A run that is drawn, or will be, still makes points. */
  growing: boolean;
  /** Runs that are shown, but of which the chart cannot draw this metric beside the others. */
  left?: Comparable["left"];
  /** Said where there is no line, and none comes. */
  empty?: string;
  /** What the solid and the dashed line are; without a dashed one only the solid is read out. */
  lines?: LineWords;
  /** Whether values are drawn that would leave the others flat, and the switch. */
  whole: boolean;
  onWhole: (whole: boolean) => void;
  /** Beside the title: how the chart is drawn otherwise. */
  choice?: ReactNode;
  /** What is drawn instead of the lines by epoch. */
  children?: ReactNode;
};

type LineWords = { solid: string; dashed: string | null };

export function MetricChart({ chart, title, meaning, units, epoch, onEpoch, numbers, growing, left = [], empty, lines, whole, onWhole, choice, children }: MetricChartProps) {
  const { t } = useTranslation("evaluation");
  const words = lines ?? { solid: t("validation"), dashed: t("training") };
  const titleId = useId();
  const about = units ? t("unit.before", { units, meaning }) : meaning;
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const [pointed, setPointed] = useState(false);
  const scale = scaleOf(chart, width, height);
  const follow = (event: PointerEvent<HTMLElement>) => {
    const across = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const share = (across - LEFT) / Math.max(1, width - LEFT - RIGHT);
    const near = Math.round(chart.firstEpoch + share * (chart.lastEpoch - chart.firstEpoch));
    setPointed(true);
    onEpoch(Math.min(chart.lastEpoch, Math.max(chart.firstEpoch, near)));
  };
  return (
    <section className="card ev-chart" aria-labelledby={titleId}>
      <div className="ev-chart-head"><h2 id={titleId}>{title} <span title={about}>{about}</span></h2>{choice}</div>
      <NotDrawn left={left} />
      {children || numbers ? null : <OffChart beyond={chart.beyond} decimals={chart.valueDecimals} whole={whole} onWhole={onWhole} />}
      {children ?? (numbers ? (
        <NumbersTable chart={chart} title={title} words={words} />
      ) : (
        <div className="ev-plot" ref={ref} role="img" aria-label={summaryOf(chart, title, t)} onPointerMove={follow} onPointerLeave={() => { setPointed(false); onEpoch(null); }}>
          {width > 0 && height > 0 ? (
            <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
              <AxisLines scale={scale} valueTicks={chart.valueTicks} epochTicks={chart.epochTicks} decimals={chart.tickDecimals} word={t("epochAxis")} />
              {epoch !== null && epoch <= chart.lastEpoch && chart.series.length ? <path className="ev-cursor" d={`M${scale.x(epoch)} ${TOP}V${height - BOTTOM}`} /> : null}
              <Lines chart={chart} scale={scale} />
              <EndLabels chart={chart} scale={scale} epoch={pointed ? null : epoch} />
            </svg>
          ) : null}
          {chart.series.length === 0 ? <p className="ev-plot-empty"><span>{growing ? t("noEpochYet") : (empty ?? t("noEpoch"))}</span></p> : null}
          {epoch !== null && pointed ? <ReadoutBox chart={chart} epoch={epoch} scale={scale} words={words} units={units} /> : null}
        </div>
      ))}
    </section>
  );
}

function pathOf(line: ChartSeries, scale: Scale): string {
  return line.stretches.map((points) => points.map((point, place) => `${place ? "L" : "M"}${scale.x(point.epoch).toFixed(1)} ${scale.y(point.value).toFixed(1)}`).join("")).join("");
}

const isOff = (chart: ChartRecord, { value }: Point): boolean => value > chart.maximum || value < chart.minimum;

function Lines({ chart, scale }: { chart: ChartRecord; scale: Scale }) {
  const validation = chart.series.filter((line) => line.subset === "validation");
  // Where a line leaves the chart it is marked, too.
  const leaves = (line: ChartSeries) => line.stretches.flat().filter((point) => isOff(chart, point)).slice(0, 1);
  const marked = validation.flatMap((line) => [...new Set([...markedPoints(line, chart.markerEvery), ...leaves(line)])].map((point) => ({ line, point })));
  return (
    <>
      <ClippedToPlot scale={scale}>
        {chart.series.map((line) => (
          <path key={`${line.runId} ${line.subset}`} className={`ev-line ${line.subset}`} d={pathOf(line, scale)} stroke={`var(${line.style.color})`} />
        ))}
      </ClippedToPlot>
      {chart.series.filter((line) => line.subset === "training").flatMap((line) => line.stretches.flatMap((points) => (points.length === 1 ? points : [])).filter((point) => !isOff(chart, point)).map((point) => (
        <circle key={`${line.runId} ${point.epoch} alone`} cx={scale.x(point.epoch)} cy={scale.y(point.value)} r="2.5" fill="var(--surface)" stroke={`var(${line.style.color})`} strokeWidth="1.25" />
      )))}
      {marked.map(({ line, point }) => {
        const at = { x: scale.x(point.epoch), style: line.style };
        return isOff(chart, point) ? <FarMark key={`${line.runId} ${point.epoch}`} {...at} scale={scale} below={point.value < chart.minimum} /> : <MarkerShapeAt key={`${line.runId} ${point.epoch}`} {...at} y={scale.y(point.value)} />;
      })}
      {chart.best.filter(({ point }) => !isOff(chart, point)).map((best) => (
        <circle key={best.runId} cx={scale.x(best.point.epoch)} cy={scale.y(best.point.value)} r="7" fill="none" stroke={`var(${best.style.color})`} strokeWidth="1.5" />
      ))}
    </>
  );
}

/**
 * The newest value of each run right of the plot, where no line crosses it, with the marker that tells
 * whose it is; while another chart is pointed at, its value at that epoch.
 */
function EndLabels({ chart, scale, epoch }: { chart: ChartRecord; scale: Scale; epoch: number | null }) {
  const { t } = useTranslation("evaluation");
  const ends = chart.series.flatMap((line) => {
    const last = line.stretches.flat().find((point) => point.epoch === epoch) ?? line.last;
    return line.subset === "validation" && last ? [{ line, last }] : [];
  });
  const inside = (value: number) => scale.y(Math.min(chart.maximum, Math.max(chart.minimum, value)));
  const bottom = scale.height - BOTTOM;
  const { places, left } = placeEndLabels(ends.map(({ last }) => inside(last.value)), LABEL_GAP, TOP, bottom);
  const x = scale.width - RIGHT + LABEL_AWAY;
  return (
    <>
      {places.map((y, place) => {
        const { line, last } = ends[place] as (typeof ends)[number];
        return (
          <g key={line.runId}>
            <MarkerShapeAt x={x} y={y} style={line.style} />
            <text className="ev-end" x={x + 8} y={y + 4} fill={`var(${line.style.color})`}>{endValue(last.value, chart)}</text>
          </g>
        );
      })}
      {left > 0 ? <text className="ev-axis" x={x - 4} y={bottom + 4}>{t("moreLabels", { count: left })}</text> : null}
    </>
  );
}

function ReadoutBox({ chart, epoch, scale, words, units }: { chart: ChartRecord; epoch: number; scale: Scale; words: LineWords; units?: string }) {
  const { t } = useTranslation("evaluation");
  const rows = readoutAt(chart, epoch);
  if (!rows.length) return null;
  const onTheRight = scale.x(epoch) < scale.width / 2;
  return (
    <div className="ev-readout" style={onTheRight ? { left: scale.x(epoch) + 12 } : { right: scale.width - scale.x(epoch) + 12 }}>
      <p className="dim">{units ? t("unit.atEpoch", { epoch, units }) : t("epochNumber", { epoch })}</p>
      <table className="num">
        <thead><tr><th /><th /><th>{words.solid}</th>{words.dashed ? <th>{words.dashed}</th> : null}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.runId}>
              <td><RunMarker style={row.style} size={10} /></td>
              <td className="ell">{row.name}</td>
              <td className="b6">{metricValue(row.validation, chart.valueDecimals)}</td>
              {words.dashed ? <td className="mut">{metricValue(row.training, chart.valueDecimals)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NumbersTable({ chart, title, words }: { chart: ChartRecord; title: string; words: LineWords }) {
  const { t } = useTranslation("evaluation");
  const runs = [...new Map(chart.series.map((line) => [line.runId, line.name])).entries()];
  const columns = [{ key: "validation" as const, word: words.solid, weight: "b5" }, ...(words.dashed ? [{ key: "training" as const, word: words.dashed, weight: "mut" }] : [])];
  return (
    <div className="ev-numbers" tabIndex={0} role="region" aria-label={t("numbersOf", { metric: title })}>
      <table className="tbl num">
        <thead>
          <tr>
            <th scope="col">{t("epoch")}</th>
            {runs.flatMap(([id, name]) => columns.map(({ key, word }) => <th key={`${id} ${key}`} scope="col" className="r">{`${name}, ${word}`}</th>))}
          </tr>
        </thead>
        <tbody>
          {epochsOf(chart).map((epoch) => {
            const rows = readoutAt(chart, epoch);
            return (
              <tr key={epoch}>
                <td>{epoch}</td>
                {runs.flatMap(([id]) => {
                  const row = rows.find((each) => each.runId === id);
                  return columns.map(({ key, weight }) => <td key={`${id} ${key}`} className={`r ${weight}`}>{metricValue(row?.[key], chart.valueDecimals)}</td>);
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function summaryOf(chart: ChartRecord, title: string, t: ReturnType<typeof useTranslation<"evaluation">>["t"]): string {
  const parts = chart.series.flatMap((line) =>
    line.subset === "validation" && line.last ? [t("chartSummaryRun", { name: line.name, value: metricValue(line.last.value, chart.valueDecimals), epoch: line.last.epoch })] : [],
  );
  return parts.length ? t("chartSummary", { metric: title, runs: parts.join("; ") }) : t("chartSummaryEmpty", { metric: title });
}
