/** The settings of a run that are not the usual ones, a line for each group of the Settings tab. */
import type { TFunction } from "i18next";

import type { ParameterCard, Settings } from "@/model/document";
import { settingGroups } from "@/model/settingGroups";
import { changedWords } from "@/ui/settingWords";

/** What the list of facts tells anyway, usual or not. */
const TOLD: ReadonlySet<string> = new Set(["batch_size", "epochs", "optimizer", "learning_rate", "backend", "precision", "threads", "seed"]);

/** Give name and words of each group in which something is set; the data are told apart, by their names. */
export function settingFacts(cards: readonly ParameterCard[], settings: Settings, t: TFunction<"fields">, language: string): [string, string][] {
  return settingGroups(cards, settings, []).flatMap(({ name, changed }): [string, string][] => {
    const untold = changed.filter(({ card }) => !TOLD.has(card.name) && !card.name.endsWith("_subset_id"));
    return name === "data" || untold.length === 0 ? [] : [[t(`group_${name}`), changedWords(untold, t, language)]];
  });
}
