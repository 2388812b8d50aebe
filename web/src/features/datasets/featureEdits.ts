/** Changes of a draft's features, and the way back through all changes of the draft. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, ApiError, type Problem, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { useStanding } from "@/ui/standing";

import type { Feature, FeatureType, Version } from "./columns";
import { stepWords } from "./draftSteps";
import { type Normalization, withNormalization } from "./normalization";
import { rowsKey } from "./rowPages";

export type FeaturesChange = Schemas["FeaturesChange"];
export type FeatureChange = Partial<Schemas["FeatureChange"]>;
export type MissingKind = Schemas["MissingChoice"]["kind"];

const whole = (change: FeatureChange): Schemas["FeatureChange"] => ({ missing_undecided: false, ...change });

/** The change of several features at once. */
export const changeOf = (names: readonly string[], change: FeatureChange): FeaturesChange => ({ names: [...names], change: whole(change) });

/** Features whose numbers can be normalised. */
export const normalizable = (features: readonly Feature[]): Feature[] => features.filter((each) => "normalization" in each.encoding);

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

/** Change features of a draft at once, tell what was done, take the last change of the draft back or make it again. */
export function useFeatureEdits(version: Version) {
  const { t } = useTranslation("table");
  const client = useQueryClient();
  const path = { version_id: version.id };
  const [done, setDone] = useState<{ words: string; step: number | null; state: Version["state"] } | null>(null);
  const newest = () => client.getQueryData<Version>(keys.version(version.id)) ?? version;
  const take = (next: Version) => {
    client.setQueryData(keys.version(version.id), next);
    void client.invalidateQueries({ queryKey: rowsKey(version.id) });
  };
  const tell = (words: string) => setDone({ words, step: newest().undo?.step ?? null, state: newest().state });
  const send = useMutation({
    mutationFn: ({ changes }: { changes: FeaturesChange[]; words: string }) => unwrap(api.PATCH("/api/v1/versions/{version_id}/features/several", { params: { path }, body: { changes } })),
    onSuccess: (next, { words }) => {
      take(next);
      tell(words);
    },
  });
  const stepping = useMutation({
    scope: { id: `steps of ${version.id}` },
    mutationFn: async (way: "undo" | "redo") => {
      const told = newest()[way];
      if (!told) return null;
      const next = await unwrap(way === "undo" ? api.POST("/api/v1/versions/{version_id}/undo", { params: { path } }) : api.POST("/api/v1/versions/{version_id}/redo", { params: { path } }));
      return { next, words: t(way === "undo" ? "undone" : "redone", { what: stepWords(told, t) }) };
    },
    onSuccess: (stepped) => {
      if (!stepped) return;
      take(stepped.next);
      setDone({ words: stepped.words, step: null, state: stepped.next.state });
    },
  });
  const error = useStanding(send.error ?? stepping.error, version);
  const changeMany = (changes: FeaturesChange[], words: string, after?: () => void) => send.mutate({ changes, words }, after ? { onSuccess: after } : {});
  return {
    change: (names: readonly string[], change: FeatureChange, words: string, after?: () => void) => changeMany([changeOf(names, change)], words, after),
    changeMany,
    take,
    /** Tell what was done elsewhere. */
    tell,
    /** Over a version that was saved meanwhile nothing is told of its draft. */
    done: done?.state === version.state ? done : null,
    /** What is told is still the last change of the draft. */
    canTakeBack: done?.step != null && done.step === version.undo?.step,
    undo: () => stepping.mutate("undo"),
    redo: () => stepping.mutate("redo"),
    forget: () => setDone(null),
    error,
    /** Set when cells do not fit the last change; taking them as missing makes it possible. */
    refusal: refusalOf(error === send.error ? error : null, send.variables?.changes ?? []),
    takeAsMissing: (missing: Schemas["MissingChoice"], after?: () => void) => send.variables && changeMany(withMissing(send.variables.changes, missing), send.variables.words, after),
    leave: send.reset,
    lastChange: send.variables?.changes[0]?.change as FeatureChange | undefined,
    changed: send.variables?.changes.flatMap((each) => each.names) ?? [],
    isPending: send.isPending,
    editable: version.state === "draft",
  };
}

const CELLS_DO_NOT_FIT: readonly string[] = ["data_encoding.cells_do_not_fit", "data_encoding.cells_of_file_do_not_fit"];

function refusalOf(error: Error | null, changes: readonly FeaturesChange[]): Refusal | null {
  if (!(error instanceof ApiError) || !CELLS_DO_NOT_FIT.includes(error.problem.code)) return null;
  return { problem: error.problem, type: changes[0]?.change.type ?? undefined };
}

const EditsContext = createContext<Edits | null>(null);
export const EditsProvider = EditsContext.Provider;

export function useEdits(): Edits {
  const edits = use(EditsContext);
  if (!edits) throw new Error("no version around");
  return edits;
}
