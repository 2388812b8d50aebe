/** Which rows are asked for: filters as one condition, pages and blocks of columns sized so that a reply stays small. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";

import { type Column, featuresShown, type FeatureType } from "./columns";

export type RowQuery = Schemas["RowQuery"];
export type Row = Schemas["Row"];
export type Condition = Schemas["Condition"];
export type Operator = Condition["operator"];
export type Filter = { feature: string; operator: Operator; value: string | number | null };
export type Choice = { filters: readonly Filter[]; sortBy: string | null; descending: boolean; subsetId: string | null; finding: string | null; search: string; leftOut: boolean };

export const EVERY_ROW: Choice = { filters: [], sortBy: null, descending: false, subsetId: null, finding: null, search: "", leftOut: false };
const MOST_CELLS = 60_000;
const MOST_ROWS = 100;
const LEAST_ROWS = 10;
const BLOCK_COLUMNS = 24;
const KEPT_MS = 120_000;

/** Rows per page: fewer when so many features of each are told. */
export function pageRows(features: number): number {
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, features))));
}

/** Neighbouring columns whose values are asked for together, from `first` up to, not including, `end`. */
export type Block = { first: number; end: number; features: readonly string[] };

/** Cut the columns into blocks: a table of thousands is asked for only where it is looked at. */
export function blocksOf(columns: readonly Column[]): Block[] {
  const starts = Array.from({ length: Math.ceil(columns.length / BLOCK_COLUMNS) }, (_, nth) => nth * BLOCK_COLUMNS);
  return starts.map((first) => {
    const inside = columns.slice(first, first + BLOCK_COLUMNS);
    return { first, end: first + inside.length, features: [...new Set(inside.flatMap(featuresShown))] };
  });
}

const joined = new WeakMap<Row, { parts: readonly Row[]; row: Row }>();

/**
 * One row of what several blocks told of it, the newest first.
 *
 * After a change one block may be told anew before another, and another row stand in this place:
 * only what is told of the newest one's row belongs together. The same parts give the same object.
 */
export function joinedRow(told: readonly (Row | undefined)[]): Row | undefined {
  const [newest, ...others] = told.filter((each) => each !== undefined);
  if (!newest) return undefined;
  const parts = others.filter((each) => each.index === newest.index);
  if (!parts.length) return newest;
  const known = joined.get(newest);
  if (known?.parts.length === parts.length && known.parts.every((each, nth) => each === parts[nth])) return known.row;
  const row = { ...newest, values: Object.assign({}, ...parts.map((each) => each.values), newest.values) as Row["values"], media: Object.assign({}, ...parts.map((each) => each.media), newest.media) as Row["media"] };
  joined.set(newest, { parts, row });
  return row;
}

/** Operators that make sense for a type; the first is the one offered. */
export function operatorsOf(type: FeatureType): readonly Operator[] {
  const gaps: readonly Operator[] = ["is_empty", "is_not_empty"];
  if (type === "numeric") return ["equals", "not_equals", "less", "at_most", "greater", "at_least", ...gaps];
  if (type === "multi_label" || type === "text") return ["contains", "equals", "not_equals", ...gaps];
  if (type === "binary" || type === "categorical") return ["equals", "not_equals", ...gaps];
  return ["contains", ...gaps];
}

export const needsValue = (operator: Operator): boolean => operator !== "is_empty" && operator !== "is_not_empty";

/** All filters must be true. */
export function conditionOf(filters: readonly Filter[]): Condition | null {
  const parts = filters.map((each): Condition => ({ kind: "compare", feature: each.feature, operator: each.operator, value: needsValue(each.operator) ? each.value : null, parts: [] }));
  if (parts.length < 2) return parts[0] ?? null;
  return { kind: "and", feature: null, operator: "equals", value: null, parts };
}

/** Without `features` the values of every feature are told. */
export function rowQuery(choice: Choice, offset: number, limit: number, features: readonly string[] | null = null): RowQuery {
  return {
    offset, limit, sort_by: choice.sortBy, descending: choice.descending, condition: conditionOf(choice.filters),
    subset_id: choice.subsetId, finding: choice.finding, search: choice.search.trim(), left_out: choice.leftOut || null, features: features && [...features],
  };
}

export const isFiltered = (choice: Choice): boolean => choice.filters.length > 0 || choice.subsetId !== null || choice.finding !== null || choice.search.trim() !== "" || choice.leftOut;

/** Rows that were looked for, not a whole subset: what can be done to all of them at once is offered. */
export const isPicked = (choice: Choice): boolean => choice.filters.length > 0 || choice.finding !== null || choice.search.trim() !== "";

export const rowsKey = (versionId: string) => ["versions", versionId, "rows"] as const;

/** A page of rows; a page that is no longer in sight is not waited for. */
export const rowPageQuery = (versionId: string, wanted: RowQuery) =>
  queryOptions({
    queryKey: [...rowsKey(versionId), wanted] as const,
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/versions/{version_id}/rows", { params: { path: { version_id: versionId } }, body: wanted, signal })),
    staleTime: 60_000,
    gcTime: KEPT_MS,
  });
