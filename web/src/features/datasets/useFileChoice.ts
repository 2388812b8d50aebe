/** The files of a feature, one at a time; rows without one are passed over. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Feature, Version } from "./columns";
import { EVERY_ROW, rowPageQuery, rowQuery } from "./rowPages";

export type FileChoice = ReturnType<typeof useFileChoice>;

export function useFileChoice(version: Version, feature: Feature) {
  const [place, setPlace] = useState(0);
  const having = { ...EVERY_ROW, filters: [{ feature: feature.name, operator: "is_not_empty" as const, value: null }] };
  const page = useQuery({ ...rowPageQuery(version.id, rowQuery(having, place, 1, [feature.name])), placeholderData: (old) => old });
  // The next one is asked for beforehand.
  useQuery(rowPageQuery(version.id, rowQuery(having, place + 1, 1, [feature.name])));
  const row = page.data?.offset === place ? (page.data.rows[0] ?? null) : null;
  const total = page.data?.total ?? 0;
  return { row, place, total, error: page.error, move: (by: number) => setPlace((old) => (total ? (old + by + total) % total : 0)) };
}
