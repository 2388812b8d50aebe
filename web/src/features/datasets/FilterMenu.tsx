/** Filters of the rows: one made in a column's head, all of them as chips above the table. */
import { NumberInput, Popover, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";

import { classesOfCells, type Feature } from "./columns";
import { type Filter, needsValue, type Operator, operatorsOf } from "./rowPages";

export function FilterButton({ feature, onFilter }: { feature: Feature; onFilter: (filter: Filter) => void }) {
  const { t } = useTranslation("table");
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus width={260}>
      <Popover.Target><button type="button" className={`dt-tool${opened ? " on" : ""}`} title={t("filter")} aria-label={t("filterBy", { name: feature.name })} aria-expanded={opened} onClick={() => setOpened(!opened)}><Icon name="filter" size={12} /></button></Popover.Target>
      <Popover.Dropdown>{opened ? <FilterForm feature={feature} onDone={(filter) => { setOpened(false); if (filter) onFilter(filter); }} /> : null}</Popover.Dropdown>
    </Popover>
  );
}

function FilterForm({ feature, onDone }: { feature: Feature; onDone: (filter: Filter | null) => void }) {
  const { t } = useTranslation("table");
  const operators = operatorsOf(feature.type);
  const [operator, setOperator] = useState<Operator>(operators[0] ?? "equals");
  const [value, setValue] = useState<string | number>(feature.type === "binary" ? "1" : "");
  const asked = needsValue(operator);
  const complete = !asked || String(value).trim() !== "";
  const submit = () => onDone({ feature: feature.name, operator, value: asked ? (feature.type === "binary" ? Number(value) : value) : null });
  return (
    <form className="dt-filter" onSubmit={(event) => { event.preventDefault(); if (complete) submit(); }}>
      <b className="b6 ell">{feature.name}</b>
      <Select aria-label={t("operator")} allowDeselect={false} value={operator} onChange={(next) => next && setOperator(next as Operator)} data={operators.map((each) => ({ value: each, label: t(`op.${each}`) }))} comboboxProps={{ withinPortal: false }} />
      {asked ? <FilterValue feature={feature} operator={operator} value={value} onChange={setValue} /> : null}
      <div className="ds-dialog-foot">
        <button type="button" className="btn" onClick={() => onDone(null)}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary" why={complete ? null : t("needs.filter")}>{t("addFilter")}</ButtonWithReason>
      </div>
    </form>
  );
}

function FilterValue({ feature, operator, value, onChange }: { feature: Feature; operator: Operator; value: string | number; onChange: (value: string | number) => void }) {
  const { t } = useTranslation("table");
  if (feature.type === "numeric") return <NumberInput aria-label={t("value")} value={value} onChange={onChange} hideControls data-autofocus />;
  const classes = feature.type === "binary" ? ["1", "0"] : classesOfCells(feature);
  const closed = feature.type === "binary" || (classes.length > 0 && (feature.type === "categorical" || (feature.type === "multi_label" && operator === "contains")));
  if (closed) return <Select aria-label={t("value")} placeholder={t("chooseOne")} searchable={feature.type !== "binary"} limit={100} value={String(value) || null} onChange={(next) => onChange(next ?? "")} data={[...classes]} comboboxProps={{ withinPortal: false }} data-autofocus />;
  return <TextInput aria-label={t("value")} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} data-autofocus />;
}

export function FilterChip({ filter, onRemove }: { filter: Filter; onRemove: () => void }) {
  const { t } = useTranslation("table");
  const words = `${filter.feature} ${t(`op.${filter.operator}`)}${filter.value === null ? "" : ` ${filter.value}`}`;
  return <Chip words={words} onRemove={onRemove} />;
}

export function Chip({ words, onRemove }: { words: string; onRemove: () => void }) {
  const { t } = useTranslation("table");
  return (
    <span className="tag live dt-chip"><span className="ell" title={words}>{words}</span><button type="button" aria-label={t("removeFilter", { words })} title={t("removeFilter", { words })} onClick={onRemove}><Icon name="x" size={12} /></button></span>
  );
}
