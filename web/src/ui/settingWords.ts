/** What is set otherwise than usual in a group of settings, in the words of its cards. */
import type { TFunction } from "i18next";

import { localize } from "@/model/blockView";
import type { ParameterCard, ParamValue } from "@/model/document";
import type { SettingGroup } from "@/model/settingGroups";

export type NameOf = (card: ParameterCard, value: ParamValue) => string | undefined;

/** "Cosine, Warm-up 10"; empty where everything is as usual. */
export function changedWords(changed: SettingGroup["changed"], t: TFunction<"fields">, language: string, nameOf?: NameOf): string {
  const shown = language === "zh" ? "zh" : "en";
  const words = changed.map(({ card, value }) => {
    const label = localize(card.label, shown);
    const choice = card.choices?.find((item) => item.value === value);
    const name = nameOf?.(card, value);
    if (name !== undefined) return t("setting_set", { label, value: name });
    if (choice) return localize(choice.label, shown);
    return value === true ? label : value === false ? t("setting_off", { label }) : t("setting_set", { label, value: String(value) });
  });
  return words.join(t("list_comma"));
}
