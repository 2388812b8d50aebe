/**
 * English and Simplified Chinese. One namespace per feature, one for the shared parts (`studio`), and
 * `problems` and `repairs` from the catalogues that the server uses too.
 * A namespace is a file `locales/<language>/<namespace>.json`; both languages are bundled.
 */
import i18next, { type FormatterModule } from "i18next";
import { initReactI18next } from "react-i18next";

import type { Problem } from "@/api/client";

import { fillTemplate, grouped, isComplete } from "./fillTemplate";

export type Language = "en" | "zh";

type Words = Record<string, unknown>;
type CatalogueEntry = { en: { message: string; fix: string }; zh: { message: string; fix: string } };

const files = import.meta.glob<Words>("../locales/*/*.json", { eager: true, import: "default" });
const catalogues = import.meta.glob<Record<string, CatalogueEntry>>(
  "../../../src/blockwright/contracts/problem_catalogue/*.json",
  { eager: true, import: "default" },
);

function resources(): Record<Language, Record<string, Words>> {
  const all: Record<Language, Record<string, Words>> = { en: { problems: {} }, zh: { problems: {} } };
  for (const [path, words] of Object.entries(files)) {
    const [, language, namespace] = /locales\/(en|zh)\/(\w+)\.json$/.exec(path) ?? [];
    if (language && namespace) all[language as Language][namespace] = words;
  }
  for (const entries of Object.values(catalogues)) {
    for (const [code, entry] of Object.entries(entries)) {
      (all.en["problems"] as Words)[code] = entry.en;
      (all.zh["problems"] as Words)[code] = entry.zh;
    }
  }
  return all;
}

const STORAGE_KEY = "blockwright.language";

export function initialLanguage(): Language {
  const kept = localStorage.getItem(STORAGE_KEY);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(language: Language): void {
  localStorage.setItem(STORAGE_KEY, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  void i18next.changeLanguage(language);
}

/** `{count}` is printed as every number of the interface is; what else is given has its form already. */
const countFormat: FormatterModule = {
  type: "formatter",
  init: () => undefined,
  add: () => undefined,
  addCached: () => undefined,
  format: (value: unknown, _format, _language, options) => (options?.["interpolationkey"] === "count" ? grouped(value as number) : (value as string)),
};

void i18next.use(initReactI18next).use(countFormat).init({
  resources: resources(),
  lng: initialLanguage(),
  fallbackLng: "en",
  defaultNS: "studio",
  // Problem codes hold dots; keys of the interface are flat too.
  keySeparator: false,
  nsSeparator: ":",
  interpolation: { escapeValue: false, prefix: "{", suffix: "}", alwaysFormat: true },
  returnNull: false,
});
document.documentElement.lang = i18next.language === "zh" ? "zh-CN" : "en";

/** Word a problem in the language of the person who looks at it. */
export function describeProblem(problem: Problem): { message: string; fix: string } {
  const words = catalogueEntry(problem.code);
  const params = problem.params ?? {};
  if (!words || !isComplete(words.message, params) || !isComplete(words.fix, params)) return { message: problem.message, fix: problem.fix };
  const fill = (template: string) => fillTemplate(template, params, i18next.language as Language);
  return { message: fill(words.message), fix: fill(words.fix) };
}

/** Sentences that follow one another; in Chinese nothing stands between them. */
export const inOneLine = (...sentences: readonly string[]): string => sentences.filter(Boolean).join(i18next.language === "zh" ? "" : " ");

/** What happened and what to do, in one line. */
export function problemLine(problem: Problem): string {
  const { message, fix } = describeProblem(problem);
  return inOneLine(message, fix);
}

function catalogueEntry(code: string): { message: string; fix: string } | undefined {
  const bundle = i18next.getResourceBundle(i18next.language, "problems") as Record<string, { message: string; fix: string }>;
  return bundle[code];
}

/** Word a label whose code is in a catalogue (repairs, checks). */
export function describeLabel(code: string, params: NonNullable<Problem["params"]> = {}, fallback = code): string {
  const words = catalogueEntry(code);
  if (!words) return fallback;
  return fillTemplate(words.message, params, i18next.language as Language);
}

export { i18next };
