/** One version: a column per feature, the first rows below, page by page. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type CSSProperties, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { rowsQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { ColumnHeader } from "./ColumnHeader";
import { type Column, columnsOf, type Version } from "./columns";
import { FeatureSetDialog } from "./FeatureSetDialog";
import { RowCells } from "./RowCells";

const PAGE_ROWS = 20;
const ROW_NUMBER_PX = 44;
const NEXT_COLUMN_PX = 64;

export function VersionView({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  const [search, setSearch] = useState("");
  const [bundling, setBundling] = useState(false);
  const [offset, setOffset] = useState(0);
  const rows = useQuery({ ...rowsQuery(version.id, offset, PAGE_ROWS), placeholderData: keepPreviousData });
  const columns = useMemo(() => columnsOf(version, search), [version, search]);
  const grid = useMemo(() => gridOf(columns), [columns]);
  const bundled = version.feature_sets.reduce((sum, set) => sum + set.features.length, 0);
  const spectrogram = version.features.find((each) => each.spectrogram)?.spectrogram;
  return (
    <section className="ds-mid" aria-label={version.dataset_name}>
      <div className="ds-hdr">
        <h1 className="ell">{version.dataset_name}</h1>
        <VersionTag version={version} />
        <span className="t12 dim num">{t("rows", { count: version.rows, rows: number(version.rows) })}</span>
        <span className="sp" />
        <label className="input ds-find"><Icon name="search" /><input type="search" aria-label={t("findFeature")} placeholder={t("findFeature")} value={search} onChange={(event) => setSearch(event.currentTarget.value)} /></label>
        {version.state === "draft" ? <button type="button" className="btn" onClick={() => setBundling(true)}><Icon name="set" />{t("newFeatureSet")}</button> : null}
      </div>
      <div className="ds-scroll" role="table" aria-label={t("rowsOf", { name: version.dataset_name })} style={grid} tabIndex={0}>
        <div role="row" className="ds-grid ds-heads">
          <div role="columnheader" className="ix" aria-label={t("row")}>#</div>
          {columns.map((column) => <ColumnHeader key={column.name} version={version} column={column} />)}
        </div>
        {rows.data?.rows.map((row) => (
          <div role="row" className="ds-grid ds-row" key={row.index}><RowCells version={version} columns={columns} row={row} /></div>
        ))}
        {rows.error ? <ErrorNote error={rows.error} /> : null}
        {columns.length ? null : <p className="ds-none mut">{t("nothingFound", { search })}</p>}
      </div>
      <div className="foot">
        <Pager offset={offset} total={version.rows} onMove={setOffset} />
        {bundled ? <span className="dim ell">{t("bundledWords", { count: bundled, names: version.feature_sets.map((set) => set.name).join(", ") })}</span> : null}
        <span className="sp" />
        {spectrogram ? <span className="row dim num"><span>−{spectrogram.dynamic_range_db ?? 80} dB</span><span className="ds-ramp" aria-hidden="true" /><span>0 dB</span></span> : null}
      </div>
      <FeatureSetDialog version={version} opened={bundling} onClose={() => setBundling(false)} />
    </section>
  );
}

/** The tracks of the table: on a narrow screen a column leaves an edge of the next in sight. */
function gridOf(columns: readonly Column[]): CSSProperties {
  const widths = columns.map((each) => `min(${each.width}px, 100vw - ${ROW_NUMBER_PX + NEXT_COLUMN_PX}px)`);
  const tracks = columns.map((each, place) => (each.kind === "set" ? `minmax(${widths[place]}, 1fr)` : widths[place]));
  return { "--ds-columns": [`${ROW_NUMBER_PX}px`, ...tracks].join(" "), "--ds-width": `calc(${[`${ROW_NUMBER_PX}px`, ...widths].join(" + ")})` } as CSSProperties;
}

function VersionTag({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  if (version.state === "draft") return <span className="tag draft">{t("draftOf", { number: version.number })}</span>;
  if (version.state === "saving") return <span className="tag live">{t("saving")}</span>;
  return <span className="tag" title={version.content_hash ?? ""}><Icon name="lock" size={12} />{t("versionHash", { number: version.number, hash: (version.content_hash ?? "").slice(0, 8) })}</span>;
}

function Pager({ offset, total, onMove }: { offset: number; total: number; onMove: (offset: number) => void }) {
  const { t } = useTranslation("datasets");
  const last = Math.min(offset + PAGE_ROWS, total);
  return (
    <span className="row">
      <button type="button" className="btn quiet icon sm ds-back" aria-label={t("earlierRows")} disabled={offset === 0} onClick={() => onMove(Math.max(0, offset - PAGE_ROWS))}><Icon name="right" size={12} /></button>
      <span className="num">{t("rowsFromTo", { from: number(total ? offset + 1 : 0), to: number(last), total: number(total) })}</span>
      <button type="button" className="btn quiet icon sm" aria-label={t("laterRows")} disabled={last >= total} onClick={() => onMove(offset + PAGE_ROWS)}><Icon name="right" size={12} /></button>
    </span>
  );
}
