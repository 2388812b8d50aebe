/** Changes of a draft's features, each with the change that takes it back. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useState } from "react";

import { api, ApiError, type Problem, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

import type { Feature, FeatureType, Version } from "./columns";
import { type Normalization, withNormalization } from "./normalization";
import { rowsKey } from "./rowPages";

export type FeaturesChange = Schemas["FeaturesChange"];
export type FeatureChange = Partial<Schemas["FeatureChange"]>;
export type MissingKind = Schemas["MissingChoice"]["kind"];

const whole = (change: FeatureChange): Schemas["FeatureChange"] => ({ missing_undecided: false, ...change });

/** The change of several features at once. */
export const changeOf = (names: readonly string[], change: FeatureChange): FeaturesChange => ({ names: [...names], change: whole(change) });

/** What gives each of `names` back what `change` takes; features that had the same come in one. */
export function inverseOf(features: readonly Feature[], names: readonly string[], change: FeatureChange): FeaturesChange[] {
  const groups = new Map<string, FeaturesChange>();
  for (const feature of features.filter((each) => names.includes(each.name))) {
    const back = whole(backOf(feature, change));
    const key = JSON.stringify(back);
    const name = change.name ?? feature.name;
    const known = groups.get(key);
    if (known) known.names.push(name);
    else groups.set(key, { names: [name], change: back });
  }
  return [...groups.values()];
}

function backOf(feature: Feature, change: FeatureChange): FeatureChange {
  const missing: FeatureChange = feature.missing ? { missing: feature.missing } : { missing_undecided: true };
  return {
    ...(change.name ? { name: feature.name } : {}),
    ...(change.type ? { type: feature.type, encoding: feature.encoding, ...missing } : {}),
    ...(change.encoding ? { encoding: feature.encoding } : {}),
    ...(change.missing || change.missing_undecided ? missing : {}),
  };
}

/** The same normalisation for features of different kinds: one change per encoding, none for those without. */
export function normalizationChanges(features: readonly Feature[], kind: Normalization): FeaturesChange[] {
  const groups = new Map<string, FeaturesChange>();
  for (const feature of features) {
    if (!("normalization" in feature.encoding)) continue;
    const encoding = withNormalization(feature.encoding, { over: "dataset", kind });
    const key = JSON.stringify(encoding);
    const known = groups.get(key);
    if (known) known.names.push(feature.name);
    else groups.set(key, changeOf([feature.name], { encoding }));
  }
  return [...groups.values()];
}

/** What can be done about rows without a value, by type. */
export function missingKinds(type: FeatureType): readonly MissingKind[] {
  if (type === "numeric") return ["leave_out", "mean", "median", "most_frequent", "constant"];
  if (type === "binary") return ["leave_out", "most_frequent", "constant"];
  if (type === "categorical") return ["leave_out", "most_frequent", "constant", "own_category"];
  if (type === "multi_label") return ["leave_out", "constant", "own_category"];
  if (type === "text") return ["leave_out", "constant"];
  return ["leave_out"];
}

/** A choice on gaps as the server takes it; words that are no number are sent as they are, so that the server can say so. */
export function missingChoice(type: FeatureType, kind: MissingKind, typed: string): Schemas["MissingChoice"] {
  if (kind !== "constant") return { kind };
  const size = Number(typed.replace(",", "."));
  const isNumber = (type === "numeric" || type === "binary") && typed.trim() !== "" && Number.isFinite(size);
  return { kind, value: isNumber ? size : typed };
}

/** A change that some cells do not fit: what it was to be, and why it is not. */
export type Refusal = { problem: Problem; type: FeatureType | undefined };

/** The same changes, with a choice on what they turn into gaps. */
export const withMissing = (changes: readonly FeaturesChange[], missing: Schemas["MissingChoice"]): FeaturesChange[] =>
  changes.map((each) => ({ ...each, change: { ...each.change, missing } }));

export type Edits = ReturnType<typeof useFeatureEdits>;

/** Change features of a draft at once, and remember how to take the last change back. */
export function useFeatureEdits(version: Version) {
  const client = useQueryClient();
  const [done, setDone] = useState<{ words: string; undo: () => void } | null>(null);
  const take = (next: Version) => {
    client.setQueryData(keys.version(version.id), next);
    void client.invalidateQueries({ queryKey: rowsKey(version.id) });
  };
  const send = useMutation({
    mutationFn: async ({ changes }: { changes: FeaturesChange[]; back: FeaturesChange[]; words: string }) => {
      let next: Version = version;
      for (const body of changes) next = await unwrap(api.PATCH("/api/v1/versions/{version_id}/features", { params: { path: { version_id: version.id } }, body }));
      return next;
    },
    onSuccess: (next, { back, words }) => {
      take(next);
      setDone(words ? { words, undo: () => send.mutate({ changes: back, back: [], words: "" }) } : null);
    },
  });
  const changeMany = (changes: FeaturesChange[], words: string, after?: () => void) =>
    send.mutate({ changes, words, back: changes.flatMap((each) => inverseOf(version.features, each.names, each.change)) }, after ? { onSuccess: after } : {});
  return {
    change: (names: readonly string[], change: FeatureChange, words: string, after?: () => void) => changeMany([changeOf(names, change)], words, after),
    changeMany,
    take,
    /** Tell what was done elsewhere, and how it is taken back. */
    tell: (words: string, undo: () => void) => setDone({ words, undo }),
    done,
    forget: () => setDone(null),
    error: send.error,
    /** Set when cells do not fit the last change; taking them as missing makes it possible. */
    refusal: refusalOf(send.error, send.variables?.changes ?? []),
    takeAsMissing: (missing: Schemas["MissingChoice"], after?: () => void) => send.variables && changeMany(withMissing(send.variables.changes, missing), send.variables.words, after),
    leave: send.reset,
    lastChange: send.variables?.changes[0]?.change as FeatureChange | undefined,
    changed: send.variables?.changes.flatMap((each) => each.names) ?? [],
    isPending: send.isPending,
    editable: version.state === "draft",
  };
}

function refusalOf(error: Error | null, changes: readonly FeaturesChange[]): Refusal | null {
  if (!(error instanceof ApiError) || error.problem.code !== "data_encoding.cells_do_not_fit") return null;
  return { problem: error.problem, type: changes[0]?.change.type ?? undefined };
}

const EditsContext = createContext<Edits | null>(null);
export const EditsProvider = EditsContext.Provider;

export function useEdits(): Edits {
  const edits = use(EditsContext);
  if (!edits) throw new Error("no version around");
  return edits;
}
