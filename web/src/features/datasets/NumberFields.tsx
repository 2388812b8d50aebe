/** Fields of numbers. What stands in the box when it is left is what counts, and the box says so when it had to move it. */
import { NumberInput, Slider } from "@mantine/core";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { number } from "@/ui/measures";

import type { Base } from "./Fields";
import { countsAlready, settled } from "./typedNumber";

type BoxProps = { value: number; min?: number; max?: number; step?: number; unit?: string; decimals?: number; disabled?: boolean; onChange: (value: number) => void };
type NumberProps = Base & BoxProps;
type Note = { words: string; value: number };

/** `live`: every number in range counts while it is typed; else it counts on Enter or when the box is left. Escape gives back what was. */
function useNumberBox({ value, min, max, step = 1, unit, decimals = 0, disabled = false, onChange }: BoxProps, live: boolean) {
  const { t } = useTranslation("table");
  const [typed, setTyped] = useState<string | number | null>(null);
  const [begun, setBegun] = useState(value);
  const [note, setNote] = useState<Note | null>(null);
  const range = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const rangeWords = (moved: number, kept: number) => {
    const words = { typed: shown(moved), kept: shown(kept), min: shown(min ?? 0), max: shown(max ?? 0) };
    return t(max === undefined ? "atLeastMoved" : min === undefined ? "atMostMoved" : "rangeMoved", words);
  };
  const type = (next: string | number) => {
    if (typed === null) setBegun(value);
    setTyped(next);
    setNote(null);
    if (live && countsAlready(next, range)) onChange(Number(next));
  };
  const settle = () => {
    if (typed === null) return;
    const { value: kept, moved } = settled(typed, value, range);
    setTyped(null);
    setNote(moved === null ? null : { words: rangeWords(moved, kept), value: kept });
    if (kept !== value) onChange(kept);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") settle();
    if (event.key !== "Escape" || typed === null) return;
    event.stopPropagation();
    setTyped(null);
    if (value !== begun) onChange(begun);
  };
  const input = {
    value: typed ?? value, step, decimalScale: decimals, allowDecimal: decimals > 0, allowNegative: min === undefined || min < 0, disabled, suffix: unit ? ` ${unit}` : "",
    clampBehavior: "none" as const, onChange: type, onBlur: settle, onKeyDown, ...range,
  };
  return { input, note: note?.value === value && typed === null ? note.words : null };
}

const shown = (value: number): string => number(value, Number.isInteger(value) ? 0 : 1);

/** A number that counts once it is typed to its end. */
export function NumberField({ label, hint, error, live = false, ...box }: NumberProps & { live?: boolean }) {
  const { input, note } = useNumberBox(box, live);
  const description = note ? <span className="dt-warn" role="status">{note}</span> : hint;
  return <NumberInput label={label} description={description} error={error} inputWrapperOrder={["label", "input", "description", "error"]} {...input} />;
}

const STEPS = 200;

/** A slider with its number: what it moves follows at once. */
export function LiveField({ label, hint, error, scale = "linear", ...box }: NumberProps & { min: number; max: number; scale?: "linear" | "log" }) {
  const id = useId();
  const { input, note } = useNumberBox(box, true);
  const { value, min, max, step = 1, disabled = false, onChange } = box;
  const place = scale === "log" ? Math.log(Math.max(value, min, 1) / Math.max(1, min)) / Math.log(max / Math.max(1, min)) : (value - min) / (max - min);
  const valueAt = (at: number) => {
    const raw = scale === "log" ? Math.max(1, min) * (max / Math.max(1, min)) ** at : min + (max - min) * at;
    return Math.min(max, Math.max(min, Math.round(raw / step) * step));
  };
  return (
    <div className="dt-live" data-bad={error ? true : undefined}>
      <label htmlFor={id} title={hint}>{label}</label>
      <Slider size="sm" min={0} max={STEPS} value={Math.round(Math.min(1, Math.max(0, place)) * STEPS)} label={null} disabled={disabled} thumbLabel={label} onChange={(at) => onChange(valueAt(at / STEPS))} />
      <NumberInput id={id} error={Boolean(error)} hideControls {...input} />
      {error ? <p className="dt-bad">{error}</p> : note ? <p className="hint dt-warn" role="status">{note}</p> : hint ? <p className="hint">{hint}</p> : null}
    </div>
  );
}
