/** What a feature is called and what its values are read as: the reason, and what else they may be. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";

import type { Feature, FeatureType } from "./columns";
import { EditError } from "./EditError";
import { useEdits } from "./featureEdits";
import { typesFor } from "./featureWords";
import { ChoiceField, Part, TextField } from "./Fields";

const NAME_LENGTH = 120;

export function TypePart({ feature }: { feature: Feature }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const types = typesFor(feature);
  const refused = edits.refusal !== null && edits.changed.includes(feature.name);
  return (
    <Part title={t("feature")}>
      <TextField label={t("name")} value={feature.name} maxLength={NAME_LENGTH} disabled={!edits.editable} onChange={(name) => edits.change([feature.name], { name: name.trim() }, t("renamed", { from: feature.name, to: name.trim() }))} />
      <ChoiceField<FeatureType>
        label={t("typeOfValues")} hint={t(`typeWords.${feature.type}`)} value={feature.type} disabled={!edits.editable || types.length < 2}
        choices={types.map((each) => ({ value: each, label: t(`type.${each}`) }))} onChange={(type) => edits.change([feature.name], { type }, t("typeChanged", { name: feature.name, type: t(`type.${type}`) }))}
      />
      <EditError feature={feature} of="type" />
      {feature.evidence ? <Evidence evidence={feature.evidence} /> : null}
      {refused ? null : (feature.offers ?? []).map((offer) => <Offer key={offer.evidence.code} feature={feature} offer={offer} />)}
    </Part>
  );
}

/** Why this type is proposed. */
function Evidence({ evidence }: { evidence: Schemas["Problem"] }) {
  const words = describeProblem(evidence);
  return <div className="note"><Icon name="info" /><div className="sp"><p>{words.message}</p><p className="dim">{words.fix}</p></div></div>;
}

/** What the column may be meant as: the person's choice. Once taken, only its facts stay. */
function Offer({ feature, offer }: { feature: Feature; offer: Schemas["TypeOffer"] }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const { type, encoding, evidence } = offer;
  const words = describeProblem(evidence);
  const comma = encoding.kind === "numeric" && (encoding.decimal_comma ?? false);
  const taken = type === feature.type && (feature.encoding.kind !== "numeric" || (feature.encoding.decimal_comma ?? false) === comma);
  if (taken || !edits.editable) return <div className="note"><Icon name="info" /><p className="sp">{words.message}</p></div>;
  const take = () => edits.change([feature.name], { type, encoding }, t("typeChanged", { name: feature.name, type: t(`type.${type}`) }));
  const odd = type !== "categorical";
  return (
    <div className={`note${odd ? " warn" : ""}`}><Icon name={odd ? "warn" : "info"} />
      <div className="sp"><p>{words.message}</p><p className="mut">{words.fix}</p><button type="button" className="btn sm hint dt-offer" disabled={edits.isPending} onClick={take}>{t(comma ? "take.comma" : `take.${type}`)}</button></div>
    </div>
  );
}
