/** Another value for one feature of one row: classes are picked, numbers and words are typed; nothing at all is a value too. */
import { MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { useStanding } from "@/ui/standing";

import { classesIn, classesOfCells, type Feature, type Version } from "./columns";
import { useEdits } from "./featureEdits";
import { delimiterOf } from "./RowCells";
import type { Row } from "./rowPages";

type Value = string | number | null;

/** Corrections of one row; the file's own value is never lost. */
export function useCorrection(version: Version, row: Row) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const send = useMutation({
    mutationFn: ({ body }: { body: Schemas["Correction"]; words: string }) => unwrap(api.POST("/api/v1/versions/{version_id}/corrections", { params: { path: { version_id: version.id } }, body })),
    onSuccess: (next, { words }) => {
      edits.take(next);
      edits.tell(words);
    },
  });
  const error = useStanding(send.error, version);
  return {
    error,
    correct: (feature: Feature, value: Value) => send.mutate({ body: { row: row.index, feature: feature.name, value, restore: false }, words: t("valueCorrected", { name: feature.name }) }),
    restore: (feature: Feature) => send.mutate({ body: { row: row.index, feature: feature.name, value: null, restore: true }, words: t("valueRestored", { name: feature.name }) }),
  };
}

export function CorrectionField({ feature, value, onSave, onCancel }: { feature: Feature; value: Value; onSave: (value: Value) => void; onCancel: () => void }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const [next, setNext] = useState<Value>(value);
  const wanted = typeof next === "string" && !next.trim() ? null : next;
  return (
    <form className="dt-correct" onSubmit={(event) => { event.preventDefault(); if (wanted === value) onCancel(); else onSave(wanted); }} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); onCancel(); } }}>
      <ValueInput feature={feature} value={next} onChange={setNext} />
      <button type="submit" className="btn icon sm" aria-label={old("save")} title={old("save")}><Icon name="check" size={12} /></button>
      <button type="button" className="btn quiet icon sm" aria-label={t("cancel")} title={t("cancel")} onClick={onCancel}><Icon name="x" size={12} /></button>
    </form>
  );
}

const MOST_OPTIONS = 100;

function ValueInput({ feature, value, onChange }: { feature: Feature; value: Value; onChange: (value: Value) => void }) {
  const { t } = useTranslation("table");
  const shared = { "aria-label": t("valueOf", { name: feature.name }), size: "xs" as const, "data-autofocus": true, autoFocus: true };
  const classes = [...classesOfCells(feature)];
  if (feature.type === "numeric") return <NumberInput {...shared} value={typeof value === "number" ? value : ""} hideControls onChange={(next) => onChange(next === "" ? null : Number(next))} />;
  if (feature.type === "binary") return <Select {...shared} clearable value={value === null ? null : String(value)} data={["0", "1"]} onChange={(next) => onChange(next === null ? null : Number(next))} />;
  if (feature.type === "categorical" && classes.length) return <Select {...shared} searchable clearable limit={MOST_OPTIONS} value={value === null ? null : String(value)} data={classes} onChange={onChange} />;
  if (feature.type === "multi_label" && classes.length) {
    const delimiter = delimiterOf(feature);
    return <MultiSelect {...shared} searchable limit={MOST_OPTIONS} value={classesIn(value, delimiter)} data={classes} onChange={(next) => onChange(next.join(delimiter))} />;
  }
  return <TextInput {...shared} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />;
}
