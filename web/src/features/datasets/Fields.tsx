/** Fields of settings, each with one line that says what it does. */
import { Select, Switch, TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";

export type Base = { label: string; hint?: string | undefined; error?: string | null; disabled?: boolean };

type Choices<T extends string> = Base & { choices: readonly { value: T; label: string }[]; onChange: (value: T) => void };

/** One of several; `null` where nothing is chosen yet. */
export function ChoiceField<T extends string>({ label, hint, error, value, choices, disabled = false, onChange }: Choices<T> & { value: T | null }) {
  const { t } = useTranslation("table");
  return <Select label={label} description={hint} error={error} placeholder={t("chooseOne")} allowDeselect={false} value={value} disabled={disabled} data={[...choices]} inputWrapperOrder={["label", "input", "description", "error"]} onChange={(next) => next && onChange(next as T)} />;
}

/** A few choices side by side. */
export function SegmentField<T extends string>({ label, hint, value, choices, disabled = false, inPairs = false, onChange }: Choices<T> & { value: T; inPairs?: boolean }) {
  const id = useId();
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = choices.findIndex((each) => each.value === value);
    const next = by === undefined ? undefined : choices[(at + by + choices.length) % choices.length];
    if (!next || disabled) return;
    event.preventDefault();
    onChange(next.value);
    event.currentTarget.querySelectorAll("button")[choices.indexOf(next)]?.focus();
  };
  return (
    <div className="dt-segment">
      <span id={id} className="lab">{label}</span>
      <div className={`seg${inPairs ? " pairs" : ""}`} role="radiogroup" aria-labelledby={id} onKeyDown={step}>
        {choices.map((each) => <button key={each.value} type="button" role="radio" aria-checked={each.value === value} aria-selected={each.value === value} tabIndex={each.value === value ? 0 : -1} disabled={disabled} onClick={() => onChange(each.value)}>{each.label}</button>)}
      </div>
      {hint ? <p className="hint">{hint}</p> : null}
    </div>
  );
}

export function SwitchField({ label, hint, checked, disabled = false, onChange }: Base & { checked: boolean; onChange: (checked: boolean) => void }) {
  return <Switch size="sm" label={label} description={hint} checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

/** Words that count on Enter or when the field is left; Escape gives back what was. */
export function TextField({ label, hint, error, value, maxLength, disabled = false, onChange }: Base & { value: string; maxLength: number; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed.trim() && typed !== value) onChange(typed);
    setTyped(null);
  };
  return (
    <TextInput
      label={label} description={hint} error={error} value={typed ?? value} maxLength={maxLength} disabled={disabled} inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(event) => setTyped(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => { if (event.key === "Enter") commit(); if (event.key === "Escape" && typed !== null) { event.stopPropagation(); setTyped(null); } }}
    />
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return <section className="dt-part"><h3>{title}</h3>{children}</section>;
}
