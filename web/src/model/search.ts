/**
 * A search as a person fills it in, and as the server is asked for it.
 *
 * Takes   the texts of the fields and the cards of the settings.
 * Gives   the request, or which line is not complete yet.
 */
import type { Schemas } from "@/api/client";

import type { ParameterCard } from "./document";
import { readNumber } from "./numbers";

export type Method = Schemas["SearchCreate"]["method"];
export type SettingValue = string | number | boolean;

/** One line of the form: `values` as typed for numbers, `picked` for choices; `low` and `high` of a range. */
export type Line = { key: number; name: string; values: string; picked: string[]; low: string; high: string; log: boolean };

export type SearchDraft = { name: string; method: Method; lines: Line[]; trials: number; eachSeed: boolean; prune: boolean };

type Varied = Schemas["SearchCreate"]["varied"][number];

export const isCounted = (card: ParameterCard | undefined): boolean => card?.control === "integer" || card?.control === "number";

/** Settings that can be varied: all but what a run is of, and its seed. */
export function variable(cards: readonly ParameterCard[]): ParameterCard[] {
  const fixed = (card: ParameterCard) => card.name === "seed" || card.name.endsWith("_id") || (card.control === "choice" && !card.choices?.length);
  return cards.filter((card) => !fixed(card) && ["integer", "number", "choice", "boolean"].includes(card.control));
}

/** A first line for a setting: around its value of now, by factors where it may not be 0. */
export function newLine(key: number, card: ParameterCard | undefined, now: unknown): Line {
  const line: Line = { key, name: card?.name ?? "", values: "", picked: [], low: "", high: "", log: false };
  if (!card || !isCounted(card) || typeof now !== "number") return line;
  const whole = card.control === "integer";
  const tidy = (value: number) => {
    const inside = Math.min(card.maximum ?? Infinity, Math.max(card.minimum ?? -Infinity, value));
    return String(whole ? Math.round(inside) : Number(inside.toPrecision(3)));
  };
  const factor = whole ? 2 : 10;
  const values = [...new Set([tidy(now / (whole ? 2 : 3)), tidy(now), tidy(now * (whole ? 2 : 3))])];
  return { ...line, values: values.join(", "), low: tidy(now / factor), high: tidy(now * factor), log: now > 0 && !whole };
}

const typed = (text: string, whole: boolean): number | null => {
  const read = readNumber(text, {}, { whole });
  return "value" in read ? read.value : null;
};

/** The numbers of a comma-separated list; null when one is no number or there is none. */
export function readValues(text: string, whole: boolean): number[] | null {
  const parts = text.split(/[,;，；\s]+/).filter(Boolean);
  const numbers = parts.map((part) => typed(part, whole)).filter((each) => each !== null);
  return parts.length && numbers.length === parts.length ? [...new Set(numbers)] : null;
}

function readLine(line: Line, card: ParameterCard | undefined, method: Method): Varied | null {
  if (!line.name) return null;
  if (!isCounted(card)) {
    const values: SettingValue[] = card?.control === "boolean" ? line.picked.map((each) => each === "true") : line.picked;
    return values.length ? { kind: "values", name: line.name, values } : null;
  }
  const whole = card?.control === "integer";
  if (method === "grid") {
    const values = readValues(line.values, whole);
    return values ? { kind: "values", name: line.name, values } : null;
  }
  const [low, high] = [typed(line.low, whole), typed(line.high, whole)];
  return low !== null && high !== null ? { kind: "range", name: line.name, low, high, log: line.log } : null;
}

/** The request of a draft, or the first line that is not complete: its place, from 0. */
export function requestOf(draft: SearchDraft, cards: readonly ParameterCard[], atOnce: number): Schemas["SearchCreate"] | number {
  const varied: Varied[] = [];
  for (const [place, line] of draft.lines.entries()) {
    const read = readLine(line, cards.find((card) => card.name === line.name), draft.method);
    if (!read) return place;
    varied.push(read);
  }
  return { kind: "search", name: draft.name.trim(), method: draft.method, varied, trials: draft.trials, seed: 42, run_seeds: draft.eachSeed ? "each" : "same", prune: draft.prune, at_once: atOnce };
}
