/** Which rows are asked for: filters as one condition, pages sized so that a reply stays small. */
import { queryOptions } from "@tanstack/react-query";

import { api, type Schemas, unwrap } from "@/api/client";

import type { FeatureType } from "./columns";

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
const KEPT_MS = 120_000;

/** Rows per page: fewer when a row has thousands of values. */
export function pageRows(features: number): number {
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, features))));
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

export function rowQuery(choice: Choice, offset: number, limit: number): RowQuery {
  return {
    offset, limit, sort_by: choice.sortBy, descending: choice.descending, condition: conditionOf(choice.filters),
    subset_id: choice.subsetId, finding: choice.finding, search: choice.search.trim(), left_out: choice.leftOut || null,
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
