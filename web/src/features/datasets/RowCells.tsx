/** The cells of one row: a clip with its player, a picture, the classes, a value. */
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { AudioCell } from "./AudioCell";
import { classesIn, type Column, type Feature, type FeatureSet, featuresShown, fileName, pictureAddress, spectrogramOf, timeMarks, type Version } from "./columns";
import { decimalsOf, numberInCell } from "./cellNumbers";
import type { Row } from "./rowPages";
import { Spectrogram } from "./Spectrogram";
import { cellId } from "./tableWindow";

const MOST_CHIPS = 6;
const MOST_CHIPS_IN_LINE = 4;
const PICTURE_PIXELS = 480;
/** Leaves room for the axis and the name of the file within a row. */
const TENSOR_PICTURE_PX = 50;
const SQUARE_PIXELS = 160;

type Props = {
  version: Version; columns: readonly Column[]; row: Row | undefined; at: number; leftPx: number; indexPx: number; firstColumn: number; starts: readonly number[];
  activeColumn: number | null; low: boolean; onRow: (place: number) => void; onCell: (cell: { row: number; column: number }) => void;
};

export const RowCells = memo(function RowCells({ version, columns, row, at, leftPx, indexPx, firstColumn, starts, activeColumn, low, onRow, onCell }: Props) {
  const { t } = useTranslation("table");
  return (
    <>
      <div role="rowheader" aria-colindex={1} id={cellId({ row: at, column: 0 })} className={`ix num${activeColumn === 0 ? " on" : ""}`} style={{ width: indexPx }}>
        <button type="button" tabIndex={-1} title={t("rowDetails")} aria-label={t("rowDetailsOf", { row: number((row?.index ?? at) + 1) })} onClick={() => onRow(at)}>{number((row?.index ?? at) + 1)}</button>
        {row?.left_out ? <span className="dt-out">{t("leftOutTag")}</span> : null}
      </div>
      <div role="presentation" className="dt-gap" style={{ width: leftPx }} />
      {columns.map((column, nth) => {
        const place = firstColumn + nth;
        const isCorrected = row?.corrected?.includes(column.name) ?? false;
        return (
          <div
            role="gridcell" aria-colindex={place + 2} key={`${column.kind} ${column.name}`} id={cellId({ row: at, column: place + 1 })} style={{ width: (starts[place + 1] ?? 0) - (starts[place] ?? 0) }}
            className={`dt-cell ${column.kind}${activeColumn === place + 1 ? " on" : ""}`} onClick={() => onCell({ row: at, column: place + 1 })}
          >
            {row && isTold(column, row) ? <Cell version={version} column={column} row={row} low={low} /> : <span className="dt-wait" />}
            {row?.filled?.includes(column.name) ? <span className="tag dt-filled" title={t("filledWords")}>{t("filledTag")}</span> : null}
            {isCorrected ? <span className="dt-corrected" title={t("corrected")}><Icon name="edit" size={12} /><span className="sr">{t("corrected")}</span></span> : null}
          </div>
        );
      })}
    </>
  );
});

/** Whether the values of a column have come; those of columns that were out of sight come later. */
const isTold = (column: Column, row: Row): boolean => featuresShown(column).every((name) => name in row.values);

export function Cell({ version, column, row, low }: { version: Version; column: Column; row: Row; low: boolean }) {
  if (column.kind === "set") return <SetCell set={column.set} shown={featuresShown(column)} row={row} low={low} />;
  const value = row.values[column.name];
  if (value === null || value === undefined) return <Nothing />;
  if (column.kind === "audio") return <AudioCell version={version} feature={column.feature} row={row} />;
  if (column.kind === "tensor") return <Tensor version={version} feature={column.feature} row={row} />;
  if (column.kind === "image") return <Thumbnail version={version} feature={column.feature} row={row} />;
  if (column.kind === "classes") return <Classes on={classesIn(value, delimiterOf(column.feature))} all={column.feature.classes ?? []} low={low} />;
  return <Value feature={column.feature} value={value} />;
}

export const delimiterOf = (feature: Feature): string => (feature.encoding.kind === "multi_label" ? (feature.encoding.delimiter ?? ",") : ",");

function Nothing() {
  const { t } = useTranslation("datasets");
  return <span className="dt-empty">{t("noValue")}</span>;
}

function Value({ feature, value }: { feature: Feature; value: string | number }) {
  if (typeof value !== "number") return <span className={feature.type === "categorical" ? "tag ell" : "ell dt-text"} title={value}>{value}</span>;
  if (feature.type === "categorical") return <span className="tag num">{number(value)}</span>;
  return <span className={value === 0 && feature.type === "binary" ? "num dim" : "num b5"} title={String(value)}>{numberInCell(value, decimalsOf(feature.histogram))}</span>;
}


/** A tensor or image: its file's name under its drawing. */
function Tensor({ version, feature, row }: { version: Version; feature: Feature; row: Row }) {
  const { t } = useTranslation("datasets");
  const name = String(row.values[feature.name] ?? "");
  const file = fileName(name);
  const settings = spectrogramOf(feature);
  const address = pictureAddress(API_PREFIX, version, row.index, feature, PICTURE_PIXELS);
  const seconds = settings && settings.fit !== "resize" && settings.fit !== "variable" ? (settings.frames * settings.hop_samples) / settings.sample_rate_hz : null;
  return (
    <div className="dt-picture">
      {settings
        ? <Spectrogram address={address} alt={t("pictureOf", { name: file })} band={settings} marks={seconds ? timeMarks(seconds) : []} heightPx={TENSOR_PICTURE_PX} />
        : <img className="dt-drawing" src={address} alt={t("pictureOf", { name: file })} loading="lazy" decoding="async" />}
      <span className={`t11 dim ell${settings ? " axed" : ""}`} title={name}>{file.replace(/\.npy$/, "")}</span>
    </div>
  );
}

function Thumbnail({ version, feature, row }: { version: Version; feature: Feature; row: Row }) {
  const { t } = useTranslation("table");
  const name = String(row.values[feature.name] ?? "");
  const file = fileName(name);
  const facts = row.media?.[feature.name];
  return (
    <div className="dt-thumb">
      <img src={pictureAddress(API_PREFIX, version, row.index, feature, SQUARE_PIXELS)} alt={t("imageOf", { name: file })} loading="lazy" decoding="async" />
      <span className="t11 dim">
        {facts?.width ? <span className="shape">{facts.width}<i>×</i>{facts.height}</span> : null}
        <span className="ell" title={name}>{file}</span>
      </span>
    </div>
  );
}

function SetCell({ set, shown, row, low }: { set: FeatureSet; shown: readonly string[]; row: Row; low: boolean }) {
  const { t } = useTranslation("datasets");
  if (set.kind === "numeric") return <span className="t12 mut ell num">{shown.map((name) => row.values[name]).map((each) => (typeof each === "number" ? numberInCell(each, null) : t("noValue"))).join("  ·  ")}</span>;
  return <Classes on={set.features.filter((name) => row.values[name] === 1)} all={set.features} low={low} />;
}

function Classes({ on, all, low }: { on: readonly string[]; all: readonly string[]; low: boolean }) {
  const { t } = useTranslation("datasets");
  const most = low ? MOST_CHIPS_IN_LINE : MOST_CHIPS;
  return (
    <div className="dt-classes" title={on.length > most ? on.join(", ") : undefined}>
      <div className="chips">
        {on.slice(0, most).map((name) => <span key={name} className="tag" title={name}><span className="ell">{name}</span></span>)}
        {on.length > most ? <span className="t11 dim">{t("andMore", { count: on.length - most })}</span> : null}
        {on.length ? null : <span className="t12 dim">{t("noClass")}</span>}
      </div>
      {all.length > 1 ? <Barcode all={all} on={new Set(on)} /> : null}
    </div>
  );
}

const BARCODE_WIDTH = 240;
const MOST_TICKS = 240;
const WIDEST_BAR = 5;

/** Each class has its fixed place, so rows can be compared at a glance. */
const Barcode = memo(function Barcode({ all, on }: { all: readonly string[]; on: ReadonlySet<string> }) {
  const step = BARCODE_WIDTH / all.length;
  const every = Math.ceil(all.length / MOST_TICKS);
  return (
    <svg className="ds-barcode" viewBox="0 0 240 14" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 13.5H240" />
      {all.map((name, place) => {
        if (on.has(name)) return <rect key={name} className="on" x={place * step} y="0" width={Math.min(WIDEST_BAR, Math.max(2, step * 0.8))} height="14" />;
        return place % every ? null : <rect key={name} x={place * step} y="10" width="1" height="4" />;
      })}
    </svg>
  );
});
