/** The fields of a subset's rule, by its kind. */
import { MultiSelect, NumberInput, Select, TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { classesOfCells, type Subset, type Version } from "./columns";
import { ConditionFields, firstCondition, isTold } from "./ConditionFields";
import { firstRule, freeShare, type Rule } from "./newShare";
import { groupers, stratifiers } from "./ruleWords";

type Props = { version: Version; others: readonly Subset[]; rule: Rule; isNew: boolean; onChange: (rule: Rule) => void };

/** What is still missing before the rule can be saved. */
export function lacks(rule: Rule): "rest" | "fold" | "condition" | null {
  const parts = rule.condition?.parts ?? [];
  if (rule.kind === "rest") return rule.of?.length ? null : "rest";
  if (rule.kind === "fold") return rule.feature && rule.values?.length ? null : "fold";
  if (rule.kind === "condition") return parts.length > 0 && parts.every(isTold) ? null : "condition";
  return null;
}

export function RuleFields({ version, others, rule, isNew, onChange }: Props) {
  const { t } = useTranslation("panels");
  const kinds: Rule["kind"][] = ["random", ...(others.length ? ["rest" as const] : []), "condition", "fold", "all"];
  const turn = (kind: string | null) => {
    if (!kind) return;
    const next: Rule = { ...firstRule(), without: rule.without ?? [], kind: kind as Rule["kind"] };
    if (kind === "random" && isNew) Object.assign(next, freeShare(others));
    if (kind === "rest") next.of = others.slice(0, 1).map((each) => each.id);
    if (kind === "condition") next.condition = firstCondition(version);
    if (kind === "fold") next.feature = foldColumn(version);
    onChange(next);
  };
  return (
    <>
      <Select label={t("ruleLabel")} allowDeselect={false} value={rule.kind} onChange={turn} data={(kinds.includes(rule.kind) ? kinds : [...kinds, rule.kind]).map((kind) => ({ value: kind, label: t(`ruleKind.${kind}`) }))} />
      {rule.kind === "random" ? <RandomFields rule={rule} onChange={onChange} /> : null}
      {rule.kind === "random" || rule.kind === "k_fold" ? <ShareFields version={version} value={rule} onChange={(part) => onChange({ ...rule, ...part })} /> : null}
      {rule.kind === "rest" ? <MultiSelect label={t("restOf")} data={others.map((each) => ({ value: each.id, label: each.name }))} value={rule.of ?? []} onChange={(of) => onChange({ ...rule, of })} /> : null}
      {rule.kind === "condition" && rule.condition ? <ConditionFields version={version} condition={rule.condition} onChange={(condition) => onChange({ ...rule, condition })} /> : null}
      {rule.kind === "fold" ? <FoldFields version={version} rule={rule} onChange={onChange} /> : null}
      {!isNew && rule.kind !== "rest" && others.length ? <MultiSelect label={t("withoutRows")} placeholder={rule.without?.length ? "" : t("nothingChosen")} data={others.map((each) => ({ value: each.id, label: each.name }))} value={rule.without ?? []} onChange={(without) => onChange({ ...rule, without })} /> : null}
    </>
  );
}

function RandomFields({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const { t } = useTranslation("panels");
  const set = (part: Partial<Rule>) => onChange({ ...rule, ...part });
  const share = rule.share_percent ?? 100;
  const from = rule.from_percent ?? 0;
  return (
    <div className="ds-three">
      <NumberInput label={t("share")} suffix=" %" min={0.1} max={100} decimalScale={2} value={share} onChange={(value) => typeof value === "number" && set({ share_percent: value, from_percent: Math.max(0, Math.min(from, 100 - value)) })} />
      <NumberInput label={t("from")} suffix=" %" min={0} max={100 - share} decimalScale={2} value={from} onChange={(value) => typeof value === "number" && set({ from_percent: Math.min(value, 100 - share) })} />
      <NumberInput label={t("seed")} min={0} allowDecimal={false} value={rule.seed ?? 42} onChange={(value) => typeof value === "number" && set({ seed: value })} />
      <p className="t12 dim ds-span">{t("fromHint")}</p>
    </div>
  );
}

type Shared = { stratify_by?: string | null; group_by?: string | null };

/** What is shared out equally, and what stays together. */
export function ShareFields({ version, value, onChange }: { version: Version; value: Shared; onChange: (part: Shared) => void }) {
  const { t } = useTranslation("panels");
  return (
    <div className="ds-two">
      <Select label={t("stratifyBy")} description={t("stratifyHint")} clearable searchable limit={200} placeholder={t("nothingChosen")} value={value.stratify_by ?? null} data={stratifiers(version)} onChange={(name) => onChange({ stratify_by: name })} />
      <Select label={t("groupBy")} description={t("groupHint")} clearable searchable limit={200} placeholder={t("nothingChosen")} value={value.group_by ?? null} data={groupers(version)} onChange={(name) => onChange({ group_by: name })} />
    </div>
  );
}

/** The column that most likely holds folds. */
export function foldColumn(version: Version): string | null {
  const named = version.features.find((each) => /fold|split|subset|usage/i.test(each.name));
  return named?.name ?? null;
}

function FoldFields({ version, rule, onChange }: { version: Version; rule: Rule; onChange: (rule: Rule) => void }) {
  const { t } = useTranslation("panels");
  const columns = version.features.filter((each) => ["numeric", "categorical", "binary", "text"].includes(each.type));
  const column = columns.find((each) => each.name === rule.feature);
  return (
    <div className="ds-two">
      <Select label={t("foldColumn")} searchable allowDeselect={false} limit={200} value={rule.feature ?? null} data={columns.map((each) => each.name)} onChange={(feature) => onChange({ ...rule, feature, values: [] })} />
      <TagsInput label={t("foldValues")} data={column?.classes ? [...classesOfCells(column)] : (column?.histogram.labels ?? [])} value={rule.values ?? []} onChange={(values) => onChange({ ...rule, values })} />
    </div>
  );
}
