/** A condition on rows, put together from lines: feature, comparison, value; all or any of them. */
import { Autocomplete, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { Icon } from "@/ui/Icon";

import { classesOfCells, type Feature, type Version } from "./columns";
import { NO_VALUE } from "./ruleWords";

type Condition = Schemas["Condition"];
type Operator = NonNullable<Condition["operator"]>;

const OF_NUMBERS: readonly Operator[] = ["equals", "not_equals", "less", "at_most", "greater", "at_least", "is_empty", "is_not_empty"];
const OF_WORDS: readonly Operator[] = ["equals", "not_equals", "contains", "less", "at_most", "greater", "at_least", "is_empty", "is_not_empty"];
const OF_LABELS: readonly Operator[] = ["contains", "equals", "not_equals", "is_empty", "is_not_empty"];

export function operatorsOf(feature: Feature | undefined): readonly Operator[] {
  if (feature?.type === "numeric" || feature?.type === "binary") return OF_NUMBERS;
  if (feature?.type === "multi_label") return OF_LABELS;
  return OF_WORDS;
}

export function firstCondition(version: Version): Condition {
  const feature = version.features.find((each) => each.type === "categorical") ?? version.features[0];
  return { kind: "and", operator: "equals", parts: [{ kind: "compare", feature: feature?.name ?? "", operator: operatorsOf(feature)[0] ?? "equals", value: "", parts: [] }] };
}

/** Whether a condition says all it has to: a comparison that needs a value has one. */
export function isTold(condition: Condition): boolean {
  if (condition.kind === "and" || condition.kind === "or") return (condition.parts ?? []).every(isTold);
  return NO_VALUE.includes(condition.operator ?? "equals") || String(condition.value ?? "").trim() !== "";
}

export function ConditionFields({ version, condition, onChange }: { version: Version; condition: Condition; onChange: (condition: Condition) => void }) {
  const { t } = useTranslation("panels");
  const parts = condition.parts ?? [];
  const set = (place: number, part: Condition) => onChange({ ...condition, parts: parts.map((each, index) => (index === place ? part : each)) });
  const blank = firstCondition(version).parts?.[0];
  return (
    <fieldset className="ds-condition">
      <legend className="t12 b5">{t("conditionLegend")}</legend>
      {parts.length > 1 ? (
        <SegmentedControl size="xs" value={condition.kind === "or" ? "or" : "and"} onChange={(kind) => onChange({ ...condition, kind: kind === "or" ? "or" : "and" })} data={[{ value: "and", label: t("allOfThem") }, { value: "or", label: t("anyOfThem") }]} />
      ) : null}
      {parts.map((part, place) => (
        <ConditionLine key={place} version={version} part={part} onChange={(next) => set(place, next)} {...(parts.length > 1 ? { onRemove: () => onChange({ ...condition, parts: parts.filter((_, index) => index !== place) }) } : {})} />
      ))}
      <div><button type="button" className="btn sm" disabled={!blank} onClick={() => blank && onChange({ ...condition, parts: [...parts, blank] })}><Icon name="plus" size={12} />{t("addCondition")}</button></div>
    </fieldset>
  );
}

function ConditionLine({ version, part, onChange, onRemove }: { version: Version; part: Condition; onChange: (part: Condition) => void; onRemove?: () => void }) {
  const { t } = useTranslation("panels");
  const feature = version.features.find((each) => each.name === part.feature);
  const operators = operatorsOf(feature);
  const operator = part.operator ?? "equals";
  return (
    <div className="ds-condition-line">
      <Select
        aria-label={t("conditionFeature")} searchable allowDeselect={false} limit={200} value={part.feature ?? null} data={version.features.map((each) => each.name)}
        onChange={(name) => {
          const next = version.features.find((each) => each.name === name);
          if (name) onChange({ ...part, feature: name, operator: operatorsOf(next).includes(operator) ? operator : (operatorsOf(next)[0] ?? "equals"), value: "" });
        }}
      />
      <Select className="ds-condition-how" aria-label={t("conditionOperator")} allowDeselect={false} value={operator} data={operators.map((each) => ({ value: each, label: t(`operator.${each}`) }))} onChange={(value) => value && onChange({ ...part, operator: value as Operator })} />
      {NO_VALUE.includes(operator) ? <span /> : <ValueField feature={feature} value={part.value ?? ""} onChange={(value) => onChange({ ...part, value })} />}
      {onRemove ? <button type="button" className="btn quiet icon sm" aria-label={t("removeCondition")} onClick={onRemove}><Icon name="x" size={12} /></button> : <span />}
    </div>
  );
}

function ValueField({ feature, value, onChange }: { feature: Feature | undefined; value: string | number; onChange: (value: string | number) => void }) {
  const { t } = useTranslation("panels");
  if (feature?.type === "numeric" || feature?.type === "binary") return <NumberInput className="ds-condition-value" aria-label={t("conditionValue")} value={value} onChange={onChange} />;
  const known = feature?.classes ? classesOfCells(feature) : (feature?.histogram.labels ?? []);
  if (known.length) return <Autocomplete className="ds-condition-value" aria-label={t("conditionValue")} limit={100} data={[...new Set(known)]} value={String(value)} onChange={onChange} />;
  return <TextInput className="ds-condition-value" aria-label={t("conditionValue")} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />;
}
