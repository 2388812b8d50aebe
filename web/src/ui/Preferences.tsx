/** Language and light or dark, as items of a menu. */
import { Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type Language, setLanguage } from "@/i18n";

import { type Appearance, setAppearance, useAppearance } from "./appearance";
import { Icon } from "./Icon";

/** Each language under its own name, whatever language is shown. */
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "简体中文" };
const APPEARANCES: Appearance[] = ["system", "light", "dark"];

export function LanguageItems() {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Menu.Label>{t("language")}</Menu.Label>
      <Menu.RadioGroup value={i18n.language} onChange={(value) => setLanguage(value as Language)}>
        {(Object.keys(LANGUAGES) as Language[]).map((each) => (
          <Menu.RadioItem key={each} value={each} lang={each === "zh" ? "zh-CN" : "en"} checkIcon={<Icon name="check" />} closeMenuOnClick>
            {LANGUAGES[each]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}

export function AppearanceItems() {
  const { t } = useTranslation();
  const chosen = useAppearance();
  return (
    <>
      <Menu.Label>{t("appearance")}</Menu.Label>
      <Menu.RadioGroup value={chosen} onChange={(value) => setAppearance(value as Appearance)}>
        {APPEARANCES.map((each) => (
          <Menu.RadioItem key={each} value={each} checkIcon={<Icon name="check" />} closeMenuOnClick>
            {t(`appearance_${each}`)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}
