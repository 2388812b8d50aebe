/** The cells of one row: a spectrogram with its axes, the classes of a set, a value. */
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { API_PREFIX, type Schemas } from "@/api/client";
import { number } from "@/ui/measures";

import { type Column, type Feature, type FeatureSet, frequencyMarks, timeMarks, type Version } from "./columns";

type Row = Schemas["Row"];
const MAX_CHIPS = 6;

export const RowCells = memo(function RowCells({ version, columns, row }: { version: Version; columns: readonly Column[]; row: Row }) {
  return (
    <>
      <div role="rowheader" className="ix num">{number(row.index + 1)}</div>
      {columns.map((column) => (
        <div role="cell" key={column.name} className={`ds-cell ${column.kind}`}>
          {column.kind === "tensor" ? <Picture version={version} feature={column.feature} row={row} /> : null}
          {column.kind === "set" ? <SetCell set={column.set} row={row} /> : null}
          {column.kind === "value" ? <ValueCell value={row.values[column.name]} /> : null}
        </div>
      ))}
    </>
  );
});

function ValueCell({ value }: { value: string | number | null | undefined }) {
  const { t } = useTranslation("datasets");
  if (value === null || value === undefined) return <span className="dim">{t("noValue")}</span>;
  if (typeof value === "number") return <span className={value === 0 ? "num dim" : "num b6"}>{number(value, Number.isInteger(value) ? 0 : 3)}</span>;
  return <span className="ell" title={value}>{value}</span>;
}

function Picture({ version, feature, row }: { version: Version; feature: Feature; row: Row }) {
  const { t } = useTranslation("datasets");
  const name = String(row.values[feature.name] ?? "");
  const address = `${API_PREFIX}/versions/${version.id}/rows/${row.index}/picture.png?feature=${encodeURIComponent(feature.name)}`;
  const settings = feature.spectrogram;
  const file = name.split("/").at(-1) ?? name;
  const shortName = file.replace(/\.npy$/, "");
  return (
    <div className="ds-picture">
      <div className={settings ? "ds-spec axes" : "ds-spec"}>
        <img src={address} alt={t("pictureOf", { name: file })} loading="lazy" decoding="async" />
        {settings ? frequencyMarks({ min_hz: settings.min_hz ?? 0, max_hz: settings.max_hz ?? 1 }).map((mark) => <span key={mark.label} className="y" style={{ top: `${mark.at * 64}px` }}>{mark.label}</span>) : null}
        {settings && settings.fit !== "resize"
          ? timeMarks({ frames: settings.frames ?? 1, hop_samples: settings.hop_samples ?? 1, sample_rate_hz: settings.sample_rate_hz ?? 1 }).map((mark) => (
              <span key={mark.at} className="x" style={{ left: `calc(30px + (100% - 30px) * ${mark.at})` }} data-at={mark.at}>{mark.label}{mark.at === 1 ? " s" : ""}</span>
            ))
          : null}
      </div>
      <span className="t11 dim ell" title={name}>{shortName}</span>
    </div>
  );
}

function SetCell({ set, row }: { set: FeatureSet; row: Row }) {
  const { t } = useTranslation("datasets");
  if (set.kind === "numeric") return <span className="t12 mut">{t("numbers", { count: set.features.length })}</span>;
  const on = set.features.filter((name) => row.values[name] === 1);
  return (
    <div className="ds-set">
      <div className="chips">
        {on.slice(0, MAX_CHIPS).map((name) => <span key={name} className="tag">{name}</span>)}
        {on.length > MAX_CHIPS ? <span className="t11 dim" title={on.join(", ")}>{t("andMore", { count: on.length - MAX_CHIPS })}</span> : null}
        {on.length ? null : <span className="t12 dim">{t("noClass")}</span>}
      </div>
      <Barcode features={set.features} on={new Set(on)} />
    </div>
  );
}

/** Each class has its fixed place, so rows can be compared at a glance. */
function Barcode({ features, on }: { features: readonly string[]; on: ReadonlySet<string> }) {
  const step = 240 / features.length;
  return (
    <svg className="ds-barcode" viewBox="0 0 240 14" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 13.5H240" />
      {features.map((name, place) => (on.has(name)
        ? <rect key={name} className="on" x={place * step} y="0" width={Math.max(2, step * 0.8)} height="14" />
        : <rect key={name} x={place * step} y="10" width="1" height="4" />))}
    </svg>
  );
}
