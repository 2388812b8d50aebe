/** One version: its rows as a grid, a column per feature, and the drawers for one feature or one row. */
import "./datasets-table.css";

import { Menu, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { type Column, columnId, columnsOf, spectrogramOf, type Version } from "./columns";
import { EditNote } from "./EditNote";
import { useEdits } from "./featureEdits";
import { LeaveOutShown } from "./LeaveOutShown";
import { Chip, FilterChip } from "./FilterMenu";
import { type Finding, healthQuery } from "./health";
import { player } from "./player";
import { useLeave } from "./useLeaving";
import { type Choice, EVERY_ROW, isFiltered } from "./rowPages";
import { RowTable } from "./RowTable";

const FeatureSetDialog = lazy(async () => ({ default: (await import("./FeatureSetDialog")).FeatureSetDialog }));
const BulkChangeDialog = lazy(async () => ({ default: (await import("./BulkChangeDialog")).BulkChangeDialog }));
const LeaveDialog = lazy(async () => ({ default: (await import("./LeaveDialog")).LeaveDialog }));
const Inspector = lazy(async () => ({ default: (await import("./Inspector")).Inspector }));
const RowDetails = lazy(async () => ({ default: (await import("./RowDetails")).RowDetails }));

const SEARCH_RESTS_MS = 250;
/** Among the subsets that can be shown: the rows that are in none because they are left out. */
const LEFT_OUT = "left-out";

type OpenColumn = { kind: Column["kind"]; name: string; id: string };
type Drawer = { kind: "column"; column: OpenColumn } | { kind: "row"; place: number } | null;

export function VersionView({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  const [search, setSearch] = useState("");
  const [dialog, setDialog] = useState<"set" | "bulk" | null>(null);
  const [drawer, setDrawer] = useState<Drawer>(null);
  const [shownRow, setShownRow] = useState<number | null>(null);
  const rows = useChoice(version);
  const [known, setKnown] = useState({ total: version.rows, first: 0, last: 0 });
  const edits = useEdits();
  const columns = useMemo(() => columnsOf(version, search), [version, search]);
  const found = useFinding(version, rows.choice.finding);
  const { question, onTrial, leave } = useLeave();
  const { leave: forgetError } = edits;
  // What went wrong in one drawer is not told in the next.
  const show = useCallback((next: Drawer) => { forgetError(); setDrawer(next); }, [forgetError]);
  const close = () => leave(() => show(null));
  const shownColumn = drawer?.kind === "column" ? drawer.column.id : null;
  const { choice, put } = rows;
  useAddress("row", (row) => leave(() => { rows.setTyped(""); put(() => EVERY_ROW); show({ kind: "row", place: Number(row) }); }));
  useAddress("feature", (name) => { const column = columnCalled(version, name); if (column && column.id !== shownColumn) leave(() => show({ kind: "column", column })); });
  useEffect(() => () => player.stop(), []);
  const onTotal = useCallback((total: number | null, shown: { first: number; last: number }) => setKnown((old) => ({ ...shown, total: total ?? old.total })), []);
  const actions = useMemo(() => ({
    onInspect: (column: Column) => {
      const id = columnId(column);
      if (id !== shownColumn) leave(() => show({ kind: "column", column: { kind: column.kind, name: column.name, id } }));
    },
    onSort: (name: string) => put((old) => (old.sortBy !== name ? { ...old, sortBy: name, descending: false } : old.descending ? { ...old, sortBy: null, descending: false } : { ...old, descending: true })),
    onFilter: (filter: Choice["filters"][number]) => put((old) => ({ ...old, filters: [...old.filters, filter] })),
  }), [put, leave, show, shownColumn]);
  return (
    <>
      <section className="ds-mid dt-mid" aria-label={version.dataset_name}>
        <div className="ds-hdr">
          <h1 className="ell" title={version.dataset_name}>{version.dataset_name}</h1>
          <VersionTag version={version} />
          <span className="t12 dim num">{t("rows", { count: version.rows, rows: number(version.rows) })}</span>
          <button type="button" className="btn sm ds-jump" onClick={() => document.getElementById("ds-subsets")?.scrollIntoView()}><Icon name="down" size={12} />{t("subsets")}</button>
          <span className="sp" />
          <label className="input ds-find"><Icon name="search" /><input type="search" aria-label={t("findFeature")} placeholder={t("findFeature")} value={search} onChange={(event) => setSearch(event.currentTarget.value)} /></label>
          {version.state === "draft" ? <button type="button" className="btn" onClick={() => setDialog("set")}><Icon name="set" />{t("newFeatureSet")}</button> : null}
          {version.state === "draft" ? <MoreMenu onBulk={() => setDialog("bulk")} /> : null}
        </div>
        <RowTools version={version} rows={rows} found={found} total={known.total} />
        {columns.length
          ? <RowTable version={version} columns={columns} choice={choice} total={known.total} lookAt={found?.feature ?? null} open={{ column: shownColumn, row: shownRow }} actions={actions} onTotal={onTotal} onRow={(place) => leave(() => show({ kind: "row", place }))} />
          : <p className="dt-scroll ds-none mut">{t("nothingFound", { search })}</p>}
        <Foot version={version} known={known} />
        <EditNote edits={edits} quiet={drawer?.kind === "column" || dialog === "bulk"} />
      </section>
      <Suspense fallback={null}>
        {dialog === "set" ? <FeatureSetDialog version={version} opened onClose={() => setDialog(null)} /> : null}
        {dialog === "bulk" ? <BulkChangeDialog version={version} opened onClose={() => setDialog(null)} /> : null}
        {drawer?.kind === "column" ? <Inspector version={version} column={drawer.column} onTrial={onTrial} onClose={close} /> : null}
        {question ? <LeaveDialog question={question} /> : null}
        {drawer?.kind === "row" ? <RowDetails version={version} choice={choice} place={drawer.place} total={known.total} onMove={(place) => show({ kind: "row", place })} onShown={setShownRow} onClose={close} /> : null}
      </Suspense>
    </>
  );
}

type Rows = ReturnType<typeof useChoice>;

/** Which rows are shown; a finding comes from the address, so that the health panel can lead here. */
function useChoice(version: Version) {
  const [params, setParams] = useSearchParams();
  const finding = params.get("finding");
  const [kept, setKept] = useState<Choice>(EVERY_ROW);
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const rests = setTimeout(() => setKept((old) => (old.search === typed ? old : { ...old, search: typed })), SEARCH_RESTS_MS);
    return () => clearTimeout(rests);
  }, [typed]);
  const subsetId = version.subsets.some((each) => each.id === kept.subsetId) ? kept.subsetId : null;
  const choice = useMemo(() => ({ ...kept, subsetId, finding }), [kept, subsetId, finding]);
  const put = useCallback((change: (old: Choice) => Choice) => setKept(change), []);
  const leaveFinding = () => setParams((old) => { old.delete("finding"); return old; }, { replace: true });
  return { choice, put, typed, setTyped, leaveFinding };
}

/** What the address names is opened once, and the address is then as it was: a row, or where the health panel leads when no row shows what it found. */
function useAddress(key: "row" | "feature", open: (named: string) => void) {
  const [params, setParams] = useSearchParams();
  const named = params.get(key);
  useEffect(() => {
    if (named === null) return;
    open(named);
    setParams((old) => { old.delete(key); return old; }, { replace: true });
    // `open` is new at every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [named, key, setParams]);
}

function columnCalled(version: Version, name: string): OpenColumn | null {
  const set = version.feature_sets.find((each) => each.name === name);
  const feature = version.features.find((each) => each.name === name);
  return set ? { kind: "set", name: set.name, id: set.id } : feature ? { kind: "value", name: feature.name, id: feature.column } : null;
}

function RowTools({ version, rows, found, total }: { version: Version; rows: Rows; found: Finding | undefined; total: number }) {
  const { t } = useTranslation("table");
  const { choice, put } = rows;
  return (
    <div className="dt-tools">
      <label className="input dt-search"><Icon name="search" /><input type="search" aria-label={t("searchRows")} placeholder={t("searchRows")} maxLength={200} value={rows.typed} onChange={(event) => rows.setTyped(event.currentTarget.value)} /></label>
      <Select
        className="dt-subset" aria-label={t("rowsShown")} allowDeselect={false} value={choice.leftOut ? LEFT_OUT : (choice.subsetId ?? "")} onChange={(id) => put((old) => ({ ...old, subsetId: id && id !== LEFT_OUT ? id : null, leftOut: id === LEFT_OUT }))}
        data={[{ value: "", label: t("allRows") }, ...version.subsets.map((each) => ({ value: each.id, label: each.name })), ...(version.usage.left_out_rows || choice.leftOut ? [{ value: LEFT_OUT, label: t("onlyLeftOut") }] : [])]}
      />
      {choice.finding ? <FindingChip version={version} finding={choice.finding} onRemove={rows.leaveFinding} /> : null}
      {choice.filters.map((filter, place) => <FilterChip key={`${place} ${filter.feature}`} filter={filter} onRemove={() => put((old) => ({ ...old, filters: old.filters.filter((_, at) => at !== place) }))} />)}
      {choice.sortBy ? <Chip words={t(choice.descending ? "sortedDown" : "sortedUp", { name: choice.sortBy })} onRemove={() => put((old) => ({ ...old, sortBy: null }))} /> : null}
      <span className="sp" />
      <LeaveOutShown version={version} choice={choice} finding={found} total={total} onDone={rows.leaveFinding} />
      {isFiltered(choice) ? <span className="t12 dim num" role="status">{t("rowsOfAll", { shown: number(total), total: number(version.rows) })}</span> : null}
    </div>
  );
}

/** The finding in the words of the health report; one that is no more, or not known yet, by its kind. */
function FindingChip({ version, finding, onRemove }: { version: Version; finding: string; onRemove: () => void }) {
  const { t } = useTranslation("table");
  const found = useFinding(version, finding);
  return <Chip words={found ? describeProblem(found.words).message : t("finding")} onRemove={onRemove} />;
}

function useFinding(version: Version, id: string | null) {
  const health = useQuery({ ...healthQuery(version), enabled: id !== null });
  return id === null ? undefined : health.data?.findings.find((each) => each.id === id);
}

function MoreMenu({ onBulk }: { onBulk: () => void }) {
  const { t: words } = useTranslation("table");
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target><button type="button" className="btn quiet icon" aria-label={words("moreForFeatures")}><Icon name="more" /></button></Menu.Target>
      <Menu.Dropdown><Menu.Item leftSection={<Icon name="edit" />} onClick={onBulk}>{words("changeSeveral")}</Menu.Item></Menu.Dropdown>
    </Menu>
  );
}

function VersionTag({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  if (version.state === "draft") return <span className="tag draft">{t("draftOf", { number: version.number })}</span>;
  if (version.state === "saving") return <span className="tag live">{t("saving")}</span>;
  return <span className="tag" title={version.content_hash ?? ""}><Icon name="lock" size={12} />{t("versionHash", { number: version.number, hash: (version.content_hash ?? "").slice(0, 8) })}</span>;
}

function Foot({ version, known }: { version: Version; known: { total: number; first: number; last: number } }) {
  const { t } = useTranslation("datasets");
  const bundled = version.feature_sets.reduce((sum, set) => sum + set.features.length, 0);
  const spectrogram = version.features.map(spectrogramOf).find(Boolean);
  const last = Math.min(known.last, known.total);
  return (
    <div className="foot">
      <span className="num">{t("rowsFromTo", { from: number(known.total ? Math.min(known.first + 1, last) : 0), to: number(last), total: number(known.total) })}</span>
      {bundled ? <span className="dim ell">{t("bundledWords", { count: bundled, names: version.feature_sets.map((set) => set.name).join(", ") })}</span> : null}
      <span className="sp" />
      {spectrogram ? <span className="row dim num"><span>−{number(spectrogram.dynamic_range_db)} dB</span><span className="ds-ramp" aria-hidden="true" /><span>0 dB</span></span> : null}
    </div>
  );
}
