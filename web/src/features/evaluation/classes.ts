/** The classes of a run in an order that a person chose; what is unknown stands last either way. */
import type { Schemas } from "@/api/client";

export type ClassScore = Schemas["ClassScore"];
export type ClassColumn = "name" | "rows" | "precision" | "recall" | "f1" | "average_precision" | "roc_auc";
export type ClassSort = { by: ClassColumn; descending: boolean };

export const CLASS_COLUMNS: readonly ClassColumn[] = ["name", "rows", "precision", "recall", "f1", "average_precision", "roc_auc"];
export const WORST_FIRST: ClassSort = { by: "f1", descending: false };

export function sortedClasses(classes: readonly ClassScore[], { by, descending }: ClassSort): ClassScore[] {
  const sign = descending ? -1 : 1;
  return [...classes].sort((a, b) => {
    const [one, other] = [a[by], b[by]];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || a.name.localeCompare(b.name);
    const difference = typeof one === "string" ? one.localeCompare(String(other)) : one - Number(other);
    return sign * difference || b.rows - a.rows || a.name.localeCompare(b.name);
  });
}

/** The order after a press on a column's head: names and scores rise at first, rows fall. */
export function sortPressed(sort: ClassSort, by: ClassColumn): ClassSort {
  return { by, descending: sort.by === by ? !sort.descending : by === "rows" };
}
