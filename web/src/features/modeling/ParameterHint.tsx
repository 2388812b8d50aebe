/** The card of one parameter: what it does, why this default, what happens when it is changed. */
import { useTranslation } from "react-i18next";

import { localize } from "@/model/blockView";
import type { ParameterCard } from "@/model/document";

export function ParameterHint({ card }: { card: ParameterCard }) {
  const { i18n } = useTranslation("modeling");
  const language = i18n.language === "zh" ? "zh" : "en";
  return (
    <div className="card-p" role="note">
      <p>
        <b>{localize(card.label, language)}</b> {localize(card.what, language)}
      </p>
      <p>{localize(card.why_default, language)}</p>
      <p>{localize(card.effect, language)}</p>
    </div>
  );
}
