/** One parameter or setting as a field, drawn from its card; committed on blur or Enter, taken back by Escape. */
import { Checkbox, Select } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { localize } from "@/model/blockView";
import type { ParameterCard, ParamValue } from "@/model/document";
import type { FieldFault, FieldFaults } from "@/model/fieldFaults";
import { readNumber, readPair } from "@/model/numbers";
import { formatShape, formatTuple, parseShape } from "@/model/shape";

import { Icon } from "./Icon";
import "./fields.css";

export type Option = { value: string; label: string; hint?: string };

export type CardFieldProps = {
  card: ParameterCard;
  value: ParamValue | undefined;
  onChange: (value: ParamValue) => void;
  /** Choices that the card cannot know: features, versions, subsets. */
  options?: Option[];
  bad?: boolean;
  /** What is said of a choice that is no longer there, where its value is no word of the screen. */
  goneWords?: string;
  onFocus?: (() => void) | undefined;
  /** Marks the field, so that the canvas can lead to it. */
  fieldKey?: string;
  /** Told of a text that cannot be taken as typed. */
  faults: FieldFaults;
  /** Whether each value is told while it is typed, for what is worked out beside the field. */
  eager?: boolean;
};

export function CardField(props: CardFieldProps) {
  switch (props.card.control) {
    case "boolean":
      return <SwitchField {...props} />;
    case "choice":
    case "source":
      return <ChoiceField {...props} />;
    default:
      return <TypedField {...props} />;
  }
}

function useLabel(card: ParameterCard): string {
  const { i18n } = useTranslation("fields");
  return localize(card.label, i18n.language === "zh" ? "zh" : "en");
}

function SwitchField({ card, value, onChange, onFocus, fieldKey }: CardFieldProps) {
  const label = useLabel(card);
  return <Checkbox className="check-field" size="xs" label={label} checked={value === true} data-field={fieldKey} onFocus={onFocus} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

const SEARCH_FROM = 9;

function ChoiceField({ card, value, onChange, options, bad, goneWords, onFocus, fieldKey }: CardFieldProps) {
  const { t, i18n } = useTranslation("fields");
  const label = useLabel(card);
  const language = i18n.language === "zh" ? "zh" : "en";
  const choices: Option[] = options ?? (card.choices ?? []).map((choice) => ({ value: choice.value, label: localize(choice.label, language) }));
  const hints = new Map(choices.map((choice) => [choice.value, choice.hint]));
  const current = typeof value === "string" && choices.some((choice) => choice.value === value) ? value : null;
  const missing = typeof value === "string" && value !== "" && current === null;
  return (
    <Select
      className="choice-field"
      size="xs"
      label={label}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      value={current}
      onChange={(next) => {
        if (next !== null && next !== value) onChange(next);
      }}
      allowDeselect={false}
      searchable={choices.length >= SEARCH_FROM}
      selectFirstOptionOnChange
      nothingFoundMessage={t("nothing_found")}
      placeholder={choices.length === 0 ? t("nothing_to_choose") : t("choose")}
      error={missing ? (goneWords ?? t("choice_missing", { value: String(value) })) : bad ? true : undefined}
      maxDropdownHeight={280}
      limit={200}
      comboboxProps={{ shadow: "lg" }}
      renderOption={({ option, checked }) => (
        <span className="option">
          <span className="ell sp">{option.label}</span>
          {hints.get(option.value) && <span className="t11 dim num" aria-hidden="true">{hints.get(option.value)}</span>}
          {checked && <Icon name="check" />}
        </span>
      )}
      rightSection={<Icon name="down" />}
      rightSectionPointerEvents="none"
      onFocus={onFocus}
      data-field={fieldKey}
    />
  );
}

const EXAMPLE_SHAPE = [256, 256, 1];

type Reading = { value: ParamValue } | { fault: FieldFault["kind"] };

function read(card: ParameterCard, text: string): Reading {
  const limits = { minimum: card.minimum ?? null, maximum: card.maximum ?? null };
  if (card.control === "shape") {
    const shape = parseShape(text);
    return shape ? { value: shape } : { fault: "not_a_shape" };
  }
  if (card.control === "integer_pair") return readPair(text, limits);
  return readNumber(text, limits, { whole: card.control === "integer" });
}

function write(card: ParameterCard, value: ParamValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return card.control === "integer_pair" ? formatShape(value) : value.length > 0 ? formatTuple(value) : "";
  return String(value);
}

/** Keep what the field shows from running as something else. */
function useFaultReport(faults: FieldFaults, id: string, { card, fieldKey }: CardFieldProps, kind: FieldFault["kind"] | null): void {
  useEffect(() => {
    if (kind === null) return undefined;
    faults.report(id, { card, kind, fieldKey });
    return () => faults.clear(id);
  }, [faults, id, card, fieldKey, kind]);
}

/** What is wrong with a text, and what can be typed instead. */
export function useFaultWords(): (fault: FieldFault) => string {
  const { t } = useTranslation("fields");
  return ({ card, kind }) => t(`fault_${kind}`, { minimum: card.minimum ?? "", maximum: card.maximum ?? "" });
}

function TypedField(props: CardFieldProps) {
  const { card, value, onChange, bad, onFocus, fieldKey, faults, eager } = props;
  const { i18n } = useTranslation("fields");
  const label = useLabel(card);
  const faultWords = useFaultWords();
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef<() => void>(() => undefined);
  const reading = draft === null ? null : read(card, draft);
  const fault = reading && "fault" in reading ? reading.fault : null;
  useFaultReport(faults, id, props, fault);

  const commit = () => {
    if (!reading || "fault" in reading) return;
    setDraft(null);
    if (JSON.stringify(reading.value) !== JSON.stringify(value ?? null)) onChange(reading.value);
  };
  useEffect(() => {
    latest.current = () => {
      if (reading && !("fault" in reading) && JSON.stringify(reading.value) !== JSON.stringify(value ?? null)) onChange(reading.value);
    };
  });
  // A field that goes away with its block, without a blur, still keeps what was typed.
  useEffect(() => () => latest.current(), []);

  const zero = card.zero && !fault && (reading && "value" in reading ? reading.value : value) === 0 ? card.zero : null;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={`input num${bad || fault ? " bad" : ""}`}
        value={draft ?? write(card, value)}
        inputMode={card.control === "integer" ? "numeric" : card.control === "number" ? "decimal" : "text"}
        placeholder={card.control === "shape" ? formatTuple(EXAMPLE_SHAPE) : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={fault !== null || bad === true}
        aria-describedby={fault ? `${id}-fault` : zero ? `${id}-zero` : undefined}
        data-field={fieldKey}
        onFocus={(event) => {
          event.target.select();
          onFocus?.();
        }}
        onChange={(event) => {
          setDraft(event.target.value);
          const typed = eager ? read(card, event.target.value) : null;
          if (typed && "value" in typed) onChange(typed.value);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") {
            event.stopPropagation();
            setDraft(null);
          }
        }}
      />
      {zero && <p id={`${id}-zero`} className="t12 dim">{localize(zero, i18n.language === "zh" ? "zh" : "en")}</p>}
      {fault && (
        <p id={`${id}-fault`} className="fault" role="alert">
          {faultWords({ card, kind: fault })}
        </p>
      )}
    </div>
  );
}
