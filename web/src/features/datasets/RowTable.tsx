/** The rows of a version as one grid: only what is in sight is asked for and drawn, keys move a cell of attention. */
import { useQueries } from "@tanstack/react-query";
import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { ErrorNote } from "@/ui/ProblemNote";

import { ColumnHeader, type HeadActions } from "./ColumnHeader";
import { type Column, columnId, growsWide, mediaAddress, PICTURED, type Version } from "./columns";
import { player } from "./player";
import { RowCells } from "./RowCells";
import { type Block, blocksOf, type Choice, joinedRow, pageRows, type Row, rowPageQuery, rowQuery } from "./rowPages";
import { cellId, columnSpan, rowSpan, scrollMap, type Span, startsOf, stretched, topThatShows } from "./tableWindow";
import { useRowScroll } from "./useRowScroll";
import { useSize } from "./useSize";

export const PICTURE_ROW_PX = 94;
export const PLAIN_ROW_PX = 34;
const INDEX_DIGIT_PX = 7;
const LEAST_INDEX_PX = 48;
const NEXT_COLUMN_PX = 56;
const SPARE_ROWS = 3;
const SPARE_PX = 240;

type Props = {
  version: Version;
  columns: readonly Column[];
  choice: Choice;
  total: number;
  /** The feature that the rows are shown for: its column is brought into sight. */
  lookAt: string | null;
  /** What the drawer beside the table tells of. */
  open: { column: string | null; row: number | null };
  actions: HeadActions;
  onTotal: (total: number | null, shown: { first: number; last: number }) => void;
  onRow: (place: number) => void;
};

export function RowTable({ version, columns, choice, total, lookAt, open, actions, onTotal, onRow }: Props) {
  const { t } = useTranslation("datasets");
  const scroll = useRef<HTMLDivElement>(null);
  const heads = useRef<HTMLDivElement>(null);
  const size = useSize(scroll);
  const headPx = useSize(heads).height;
  const rowPx = columns.some((each) => PICTURED.includes(each.kind)) ? PICTURE_ROW_PX : PLAIN_ROW_PX;
  const viewPx = Math.max(0, size.height - headPx);
  const map = useMemo(() => scrollMap(total, rowPx, viewPx), [total, rowPx, viewPx]);
  const place = useRowScroll(scroll, map);
  const indexPx = Math.max(LEAST_INDEX_PX, 28 + INDEX_DIGIT_PX * String(version.rows).length);
  const starts = useMemo(() => startsOf(widthsOf(columns, size.width, indexPx)), [columns, size.width, indexPx]);
  const widthPx = indexPx + (starts.at(-1) ?? 0);
  const across = columnSpan(starts, place.leftPx - SPARE_PX, place.leftPx + size.width + SPARE_PX);
  const span = rowSpan(place.topPx, viewPx, rowPx, total, SPARE_ROWS);
  const blocks = useMemo(() => blocksOf(columns), [columns]);
  // A window's width on either side is asked for beforehand.
  const near = columnSpan(starts, place.leftPx - size.width, place.leftPx + 2 * size.width);
  const { rowAt, error } = useRows(version, choice, span, blocks, near, onTotal, { topPx: place.topPx, viewPx, rowPx });
  const [active, setActive] = useState({ row: -1, column: 0 });
  const shown = useMemo(() => columns.slice(across.first, across.end), [columns, across.first, across.end]);
  const move = (row: number, column: number) => {
    const next = { row: clamp(row, -1, total - 1), column: clamp(column, 0, columns.length) };
    setActive(next);
    if (next.row >= 0) place.moveTo(topThatShows(map, place.topPx, next.row, rowPx));
    showColumn(scroll.current, starts, next.column, indexPx);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const to = placeAfter(event, active, Math.max(1, Math.floor(viewPx / rowPx)), total, columns.length);
    const column = columns[active.column - 1];
    if (to) move(to.row, to.column);
    else if (event.key === "Enter" && active.row >= 0) onRow(active.row);
    else if (event.key === "Enter" && column) actions.onInspect(column);
    else if (event.key === " " && column?.kind === "audio" && active.row >= 0) playAt(rowAt(active.row), version, column.name);
    else return;
    event.preventDefault();
  };
  const { moveTo } = place;
  useEffect(() => {
    moveTo(0);
  }, [choice, moveTo]);
  const sought = lookAt === null ? -1 : columns.findIndex((each) => each.name === lookAt || (each.kind === "set" && each.set.features.includes(lookAt)));
  const broughtFor = useRef<string | null>(null);
  useEffect(() => {
    if (sought < 0 || size.width === 0 || broughtFor.current === choice.finding) return;
    broughtFor.current = choice.finding;
    showColumn(scroll.current, starts, sought + 1, indexPx);
  }, [choice.finding, sought, starts, indexPx, size.width]);
  const isOpen = (at: number) => open.row !== null && rowAt(at)?.index === open.row;
  const left = { width: starts[across.first] ?? 0 } satisfies CSSProperties;
  return (
    <div
      className="dt-scroll" role="grid" aria-label={t("rowsOf", { name: version.dataset_name })} ref={scroll} tabIndex={0} onKeyDown={onKeyDown}
      aria-rowcount={total + 1} aria-colcount={columns.length + 1} aria-activedescendant={cellId(active)} aria-busy={!rowAt(span.first) && total > 0}
    >
      <div role="row" aria-rowindex={1} className="dt-heads" style={{ width: widthPx }} ref={heads}>
        <div role="columnheader" aria-colindex={1} id={cellId({ row: -1, column: 0 })} className="ix" style={{ width: indexPx }} aria-label={t("row")}>#</div>
        <div style={left} role="presentation" className="dt-gap" />
        {shown.map((column, nth) => (
          <ColumnHeader
            key={`${column.kind} ${column.name}`} version={version} column={column} widthPx={widthOf(starts, across.first + nth)} choice={choice} actions={actions}
            id={cellId({ row: -1, column: across.first + nth + 1 })} index={across.first + nth + 2} active={active.row < 0 && active.column === across.first + nth + 1} isOpen={open.column === columnId(column)}
          />
        ))}
      </div>
      <div role="rowgroup" className="dt-body" style={{ height: map.barPx, width: widthPx }}>
        {placesOf(span.first, span.end).map((at) => (
          <div
            role="row" aria-rowindex={at + 2} key={at} className={`dt-row${rowPx === PLAIN_ROW_PX ? " low" : ""}${rowAt(at)?.left_out ? " out" : ""}${isOpen(at) ? " open" : ""}`} aria-selected={isOpen(at)} onDoubleClick={(event) => (event.target as Element).closest("button") ?? onRow(at)}
            style={{ height: rowPx, width: widthPx, transform: `translateY(${at * rowPx - place.topPx + place.barTopPx}px)` }}
          >
            <RowCells version={version} columns={shown} row={rowAt(at)} at={at} leftPx={left.width} indexPx={indexPx} firstColumn={across.first} starts={starts} activeColumn={active.row === at ? active.column : null} low={rowPx === PLAIN_ROW_PX} onRow={onRow} onCell={setActive} />
          </div>
        ))}
      </div>
      {error ? <div className="dt-error"><ErrorNote error={error} /></div> : null}
    </div>
  );
}

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
const placesOf = (first: number, end: number): number[] => Array.from({ length: Math.max(0, end - first) }, (_, nth) => first + nth);
const widthOf = (starts: readonly number[], place: number): number => (starts[place + 1] ?? 0) - (starts[place] ?? 0);

/** On a narrow screen a column leaves an edge of the next in sight; on a wide one nothing stays empty. */
function widthsOf(columns: readonly Column[], viewPx: number, indexPx: number): number[] {
  const most = Math.max(160, viewPx - indexPx - NEXT_COLUMN_PX);
  return stretched(columns.map((each) => Math.min(each.width, most)), columns.map(growsWide), viewPx - indexPx);
}

function playAt(row: Row | undefined, version: Version, feature: string): void {
  if (row) player.toggle(mediaAddress(API_PREFIX, version.id, row.index, feature));
}

function showColumn(element: HTMLElement | null, starts: readonly number[], column: number, indexPx: number): void {
  if (!element) return;
  // The row's number stands at the left edge: its place in the table is the beginning.
  if (column < 1) {
    element.scrollLeft = 0;
    return;
  }
  const room = element.clientWidth - indexPx;
  const [left, right] = [starts[column - 1] ?? 0, starts[column] ?? 0];
  if (left < element.scrollLeft) element.scrollLeft = left;
  else if (right > element.scrollLeft + room) element.scrollLeft = Math.min(left, right - room);
}

function placeAfter(event: KeyboardEvent, from: { row: number; column: number }, page: number, rows: number, columns: number): { row: number; column: number } | null {
  const far = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowDown": return { ...from, row: from.row + 1 };
    case "ArrowUp": return { ...from, row: from.row - 1 };
    case "ArrowRight": return { ...from, column: from.column + 1 };
    case "ArrowLeft": return { ...from, column: from.column - 1 };
    case "PageDown": return { ...from, row: from.row + page };
    case "PageUp": return { ...from, row: Math.max(0, from.row - page) };
    case "Home": return far ? { row: 0, column: from.column } : { ...from, column: 0 };
    case "End": return far ? { row: rows - 1, column: from.column } : { ...from, column: columns };
    default: return null;
  }
}

/** The rows of the pages and blocks in sight; what was shown stays while a page is asked anew. */
function useRows(version: Version, choice: Choice, span: Span, blocks: readonly Block[], near: Span, onTotal: Props["onTotal"], view: { topPx: number; viewPx: number; rowPx: number }) {
  const size = pageRows(Math.max(0, ...blocks.map((each) => each.features.length)));
  const firstPage = Math.floor(span.first / size);
  const lastPage = Math.max(firstPage, Math.floor(Math.max(0, span.end - 1) / size));
  const inSight = blocks.filter((each) => each.first < Math.max(near.end, near.first + 1) && each.end > near.first);
  const asked = placesOf(firstPage, lastPage + 1).flatMap((page) => inSight.map((block) => ({ page, block })));
  const told = useQueries({ queries: asked.map(({ page, block }) => rowPageQuery(version.id, rowQuery(choice, page * size, size, block.features))) });
  const pages = told.map(({ data, error, dataUpdatedAt }, nth) => ({ data, error, dataUpdatedAt, page: asked[nth]?.page })).sort((one, other) => other.dataUpdatedAt - one.dataUpdatedAt);
  const total = pages.find((each) => each.data)?.data?.total ?? null;
  const first = Math.floor(view.topPx / view.rowPx);
  const last = Math.ceil((view.topPx + view.viewPx) / view.rowPx);
  useEffect(() => onTotal(total, { first, last }), [onTotal, total, first, last]);
  const rowAt = (at: number): Row | undefined => joinedRow(pages.filter((each) => each.page === Math.floor(at / size)).map((each) => each.data?.rows[at % size]));
  return { rowAt, error: pages.find((each) => each.error)?.error ?? null, total };
}
