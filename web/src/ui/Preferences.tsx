/** Language and light or dark, as items of a menu. */
import { Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type Language, setLanguage } from "@/i18n";

import { type Appearance, setAppearance, useAppearance } from "./appearance";
import { Icon } from "./Icon";

/** Each language under its own name, whatever language is shown. */
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "简体中文" };
const APPEARANCES: Appearance[] = ["system", "light", "dark"];

const tick = (on: boolean) => <span className="menu-tick">{on ? <Icon name="check" /> : null}</span>;

export function LanguageItems() {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Menu.Label>{t("language")}</Menu.Label>
      {(Object.keys(LANGUAGES) as Language[]).map((each) => (
        <Menu.Item key={each} lang={each === "zh" ? "zh-CN" : "en"} role="menuitemradio" aria-checked={i18n.language === each} leftSection={tick(i18n.language === each)} onClick={() => setLanguage(each)}>
          {LANGUAGES[each]}
        </Menu.Item>
      ))}
    </>
  );
}

export function AppearanceItems() {
  const { t } = useTranslation();
  const chosen = useAppearance();
  return (
    <>
      <Menu.Label>{t("appearance")}</Menu.Label>
      {APPEARANCES.map((each) => (
        <Menu.Item key={each} role="menuitemradio" aria-checked={chosen === each} leftSection={tick(chosen === each)} onClick={() => setAppearance(each)}>
          {t(`appearance_${each}`)}
        </Menu.Item>
      ))}
    </>
  );
}
