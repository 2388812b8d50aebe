/** Rules of subsets as sentences: "a random 80 % of the rows, in equal shares of labels". */
import type { Schemas } from "@/api/client";
import { i18next } from "@/i18n";

import type { Subset, Version } from "./columns";

type Rule = Schemas["SubsetRule"];
type Condition = Schemas["Condition"];

const t = (key: string, params?: Record<string, unknown>) => i18next.t(key, { ns: "panels", ...params });

export const NO_VALUE: readonly string[] = ["is_empty", "is_not_empty"];

export function conditionWords(condition: Condition): string {
  if (condition.kind === "compare" || !condition.kind) {
    const operator = condition.operator ?? "equals";
    return t(`operatorWords.${operator}`, { feature: condition.feature ?? "", value: String(condition.value ?? "").trim() || "…" });
  }
  const parts = (condition.parts ?? []).map((part) => (part.kind === "and" || part.kind === "or" ? `(${conditionWords(part)})` : conditionWords(part)));
  return parts.join(t(condition.kind === "and" ? "joinAnd" : "joinOr"));
}

function how(rule: Rule): string {
  const parts = [];
  if (rule.stratify_by) parts.push(t("stratifiedBy", { feature: rule.stratify_by }));
  if (rule.group_by) parts.push(t("groupedBy", { feature: rule.group_by }));
  return parts.join("");
}

export function ruleWords(rule: Rule, subsets: readonly Subset[]): string {
  const names = (ids: readonly string[] = []) => ids.map((id) => subsets.find((each) => each.id === id)?.name ?? "?").join(t("joinNames"));
  const words = takenWords(rule, names(rule.of));
  return rule.without?.length && words ? t("rule.without", { words, names: names(rule.without) }) : words;
}

function takenWords(rule: Rule, restOf: string): string {
  switch (rule.kind) {
    case "all": return t("rule.all");
    case "rest": return t("rule.rest", { names: restOf });
    case "condition": return rule.condition ? t("rule.condition", { words: conditionWords(rule.condition) }) : "";
    case "fold": return t("rule.fold", { feature: rule.feature ?? "…", values: (rule.values ?? []).join(t("joinNames")) || "…" });
    case "k_fold": return t("rule.kFold", { fold: rule.fold ?? 1, folds: rule.folds ?? 5, how: how(rule), seed: rule.seed ?? 42 });
    default: return randomWords(rule.from_percent ?? 0, rule.share_percent ?? 100, rule);
  }
}

/** Where a share begins is part of the sentence: 10 % from 80 % on are other rows than the first 10 %. */
function randomWords(from: number, share: number, rule: Rule): string {
  const params = { from, to: from + share, share, how: how(rule), seed: rule.seed ?? 42 };
  return t(from > 0 ? "rule.randomFrom" : "rule.random", params);
}

/** Features whose classes or values can be shared out equally, or kept together. */
export function stratifiers(version: Version): string[] {
  const classes = version.features.filter((each) => ["categorical", "binary", "multi_label"].includes(each.type)).map((each) => each.name);
  const bundled = new Set(version.feature_sets.flatMap((set) => set.features));
  const sets = version.feature_sets.filter((set) => set.kind === "binary").map((set) => set.name);
  return [...sets, ...classes.filter((name) => !bundled.has(name))];
}

export function groupers(version: Version): string[] {
  return version.features.filter((each) => ["categorical", "text", "numeric"].includes(each.type)).map((each) => each.name);
}
