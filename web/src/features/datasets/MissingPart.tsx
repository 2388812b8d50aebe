/** Rows without a value: how many, and what happens to them. Nothing happens without the choice. */
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { classesOfCells, type Feature } from "./columns";
import { ConstantField } from "./ConstantField";
import { EditError } from "./EditError";
import { missingChoice, type MissingKind, missingKinds, useEdits } from "./featureEdits";
import { ChoiceField, Part } from "./Fields";

const UNDECIDED = "undecided";

export function MissingPart({ feature }: { feature: Feature }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  // The constant on its way: kept until the server has it, so that a refused one can be mended.
  const [constant, setConstant] = useState<string | null>(null);
  const kind: MissingKind | typeof UNDECIDED = constant === null ? (feature.missing?.kind ?? UNDECIDED) : "constant";
  const words = t("missingChanged", { name: feature.name });
  const choose = (next: MissingKind | typeof UNDECIDED) => {
    setConstant(next === "constant" ? "" : null);
    if (next === UNDECIDED) edits.change([feature.name], { missing_undecided: true }, words);
    else if (next !== "constant") edits.change([feature.name], { missing: { kind: next } }, words);
  };
  const fill = (value: string) => {
    setConstant(value);
    edits.change([feature.name], { missing: missingChoice(feature.type, "constant", value) }, words, () => setConstant(null));
  };
  const { encoding } = feature;
  if (!feature.missing_rows) return <Part title={t("missingValues")}><p className="t12 mut row"><Icon name="check" />{t("noneMissing")}</p></Part>;
  return (
    <Part title={t("missingValues")}>
      <p className={`t12 ${kind === UNDECIDED ? "dt-warn" : "mut"} row`}>{kind === UNDECIDED ? <Icon name="warn" /> : null}{old("missing", { count: feature.missing_rows, rows: number(feature.missing_rows) })}{kind === UNDECIDED ? ` · ${t("undecided")}` : ""}</p>
      <ChoiceField
        label={t("whatHappens")} hint={kind === UNDECIDED ? t("undecidedWords") : t(`missingWords.${kind}`)} value={kind} disabled={!edits.editable} onChange={choose}
        choices={[{ value: UNDECIDED, label: t("undecided") }, ...missingKinds(feature.type).map((each) => ({ value: each, label: t(`missingKind.${each}`) }))]}
      />
      {kind === "constant" ? (
        <ConstantField
          type={feature.type} classes={classesOfCells(feature)} delimiter={encoding.kind === "multi_label" ? encoding.delimiter : undefined} value={constant ?? String(feature.missing?.value ?? "")}
          disabled={!edits.editable} onChange={fill}
        />
      ) : null}
      <EditError feature={feature} of="missing" />
    </Part>
  );
}
