/**
 * Which part of a table of millions of cells is drawn.
 *
 * Takes   sizes in pixels and where the person has scrolled to.
 * Gives   the rows and columns in sight.
 * Never   touches the page.
 *
 * A browser cannot make an element higher than about 17 million pixels (Firefox; Chromium 33), and a
 * million rows with pictures need 94. Beyond `TALLEST_PX` the scrollbar is a map: its places stand for
 * places of the table, while wheel, touch and keys move by real pixels.
 */
export const TALLEST_PX = 12_000_000;

/** From `first` up to, not including, `end`. */
export type Span = { first: number; end: number };

/** Where each column begins; one more number for where the last one ends. */
export function startsOf(widths: readonly number[]): number[] {
  const starts = [0];
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width);
  return starts;
}

/** The columns that touch the stretch from `leftPx` to `rightPx`. */
export function columnSpan(starts: readonly number[], leftPx: number, rightPx: number): Span {
  const count = starts.length - 1;
  const first = Math.max(0, lastAtMost(starts, leftPx));
  let end = first;
  while (end < count && (starts[end] ?? 0) < rightPx) end += 1;
  return { first: Math.min(first, count), end };
}

function lastAtMost(starts: readonly number[], wanted: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The rows in sight, and `spare` more on both sides. */
export function rowSpan(topPx: number, viewPx: number, rowPx: number, rows: number, spare: number): Span {
  const first = Math.max(0, Math.floor(topPx / rowPx) - spare);
  return { first: Math.min(first, rows), end: Math.min(rows, Math.ceil((topPx + viewPx) / rowPx) + spare) };
}

/** Spread what is left of the room over the columns that may grow. */
export function stretched(widths: readonly number[], grows: readonly boolean[], roomPx: number): number[] {
  const left = roomPx - widths.reduce((sum, each) => sum + each, 0);
  const growing = grows.filter(Boolean).length;
  if (left <= 0 || !growing) return [...widths];
  return widths.map((width, place) => (grows[place] ? width + left / growing : width));
}

/** The map between the scrollbar and the table. */
export type ScrollMap = { contentPx: number; barPx: number; viewPx: number };

export function scrollMap(rows: number, rowPx: number, viewPx: number): ScrollMap {
  const contentPx = rows * rowPx;
  return { contentPx, barPx: Math.min(contentPx, TALLEST_PX), viewPx };
}

export const isMapped = (map: ScrollMap): boolean => map.contentPx > map.barPx;

/** How far down the table a place of the scrollbar is. */
export function topOf(map: ScrollMap, barTopPx: number): number {
  if (!isMapped(map)) return barTopPx;
  return clampedTop(map, (barTopPx * (map.contentPx - map.viewPx)) / Math.max(1, map.barPx - map.viewPx));
}

/** The place of the scrollbar for a place of the table. */
export function barTopOf(map: ScrollMap, topPx: number): number {
  if (!isMapped(map)) return topPx;
  return (topPx * (map.barPx - map.viewPx)) / Math.max(1, map.contentPx - map.viewPx);
}

export const clampedTop = (map: ScrollMap, topPx: number): number => Math.min(Math.max(0, topPx), Math.max(0, map.contentPx - map.viewPx));

/** Where the table must be so that `row` is whole in sight; the same place when it already is. */
export function topThatShows(map: ScrollMap, topPx: number, row: number, rowPx: number): number {
  if (row * rowPx < topPx) return row * rowPx;
  const bottom = (row + 1) * rowPx;
  return bottom > topPx + map.viewPx ? clampedTop(map, bottom - map.viewPx) : topPx;
}

/** The id of a cell, for `aria-activedescendant`; row -1 is the head, column 0 the row number. */
export const cellId = ({ row, column }: { row: number; column: number }): string => `cell-${row}-${column}`;
