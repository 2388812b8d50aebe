/** Fills a template of the problem catalogues, as `contracts/problems.py` does: values, counts in groups, singular or plural words, words for codes. */
import type { Language } from "./index";

type ScreenWords = Record<string, Record<string, Record<Language, string>>>;

const JOINED_BY: Record<Language, string> = { en: ", ", zh: "、" };
const PLACE = /\{(\w+)(?::([^{}]*))?\}/g;
const [SCREEN_WORDS = {}] = Object.values(import.meta.glob<ScreenWords>("../../../src/blockwright/contracts/screen_words.json", { eager: true, import: "default" }));

type Params = Record<string, string | number | readonly string[]>;

/** A count with its digits in groups, the same in both languages; what is no whole number, as it is. */
export const grouped = (value: unknown): string => (Number.isInteger(value) ? (value as number).toLocaleString("en-GB") : String(value));

/** Whether everything that a template names is given; what an older studio kept may lack something. */
export const isComplete = (template: string, params: Params): boolean => [...template.matchAll(PLACE)].every(([, name]) => params[name ?? ""] !== undefined);

/** A parameter that is not given leaves its place as it is. */
export function fillTemplate(template: string, params: Params, language: Language): string {
  return template.replace(PLACE, (whole, name: string, spec: string | undefined) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (!spec) return String(value);
    if (spec === ",") return grouped(value);
    if (spec.includes("|")) return spec.split("|")[value === 1 ? 0 : 1] ?? whole;
    return String(value).split(", ").map((code) => SCREEN_WORDS[spec]?.[code]?.[language] ?? code).join(JOINED_BY[language]);
  });
}
