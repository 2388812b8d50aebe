/** Rows without a value: how many, and what happens to them. Nothing happens without the choice. */
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Feature } from "./columns";
import { type MissingKind, missingKinds, useEdits } from "./featureEdits";
import { ChoiceField, Part, TextField } from "./Fields";

const UNDECIDED = "undecided";
const VALUE_LENGTH = 200;

export function MissingPart({ feature }: { feature: Feature }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  const [constant, setConstant] = useState(false);
  const kind: MissingKind | typeof UNDECIDED = constant ? "constant" : (feature.missing?.kind ?? UNDECIDED);
  const words = t("missingChanged", { name: feature.name });
  const choose = (next: MissingKind | typeof UNDECIDED) => {
    setConstant(next === "constant");
    if (next === UNDECIDED) edits.change([feature.name], { missing_undecided: true }, words);
    else if (next !== "constant") edits.change([feature.name], { missing: { kind: next } }, words);
  };
  if (!feature.missing_rows) return <Part title={t("missingValues")}><p className="t12 mut row"><Icon name="check" />{t("noneMissing")}</p></Part>;
  return (
    <Part title={t("missingValues")}>
      <p className={`t12 ${kind === UNDECIDED ? "dt-warn" : "mut"} row`}>{kind === UNDECIDED ? <Icon name="warn" /> : null}{old("missing", { count: feature.missing_rows, rows: number(feature.missing_rows) })}{kind === UNDECIDED ? ` · ${t("undecided")}` : ""}</p>
      <ChoiceField
        label={t("whatHappens")} hint={kind === UNDECIDED ? t("undecidedWords") : t(`missingWords.${kind}`)} value={kind} disabled={!edits.editable} onChange={choose}
        choices={[{ value: UNDECIDED, label: t("undecided") }, ...missingKinds(feature.type).map((each) => ({ value: each, label: t(`missingKind.${each}`) }))]}
      />
      {kind === "constant" ? (
        <TextField
          label={t("constantValue")} value={String(feature.missing?.value ?? "")} maxLength={VALUE_LENGTH} disabled={!edits.editable}
          onChange={(value) => { setConstant(false); edits.change([feature.name], { missing: { kind: "constant", value: constantOf(feature, value) } }, words); }}
        />
      ) : null}
    </Part>
  );
}

/** What was typed, as a number where one is meant; what is no number goes as it is, and the server says so. */
function constantOf(feature: Feature, typed: string): string | number {
  const asNumber = Number(typed.replace(",", "."));
  const isNumeric = feature.type === "numeric" || feature.type === "binary";
  return isNumeric && typed.trim() && Number.isFinite(asNumber) ? asNumber : typed;
}
