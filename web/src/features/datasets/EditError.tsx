/** Why a change was refused, where it was made; cells that do not fit can be taken as missing there. */
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { describeProblem, inOneLine } from "@/i18n";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Feature } from "./columns";
import { ConstantField } from "./ConstantField";
import { type FeatureChange, missingChoice, type MissingKind, missingKinds, type Refusal, useEdits } from "./featureEdits";
import { ChoiceField } from "./Fields";

const VALUE_LENGTH = 200;

type Place = "type" | "encoding" | "missing";

const placeOf = (change: FeatureChange | undefined): Place => (change?.type || change?.name ? "type" : change?.missing || change?.missing_undecided ? "missing" : "encoding");

/** The refusal of a change of one feature, if it was made at this place. */
export function EditError({ feature, of }: { feature: Feature; of: Place }) {
  const edits = useEdits();
  if (!edits.changed.includes(feature.name) || placeOf(edits.lastChange) !== of) return null;
  return edits.refusal ? <OddCells refusal={edits.refusal} type={edits.refusal.type ?? feature.type} /> : <ErrorNote error={edits.error} />;
}

/** Cells that do not fit what was asked for: they count as missing, with a choice what that means, or nothing changes. */
export function OddCells({ refusal, type, several = false, onTaken }: { refusal: Refusal; type: Feature["type"]; several?: boolean; onTaken?: () => void }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const [kind, setKind] = useState<MissingKind | null>(null);
  const [constant, setConstant] = useState("");
  const words = describeProblem(refusal.problem);
  const why = kind === null ? t("needs.cells") : kind === "constant" && !constant.trim() ? t("needs.value") : null;
  return (
    <div className="note warn dt-odd" role="alert"><Icon name="warn" />
      <div className="sp">
        <p className="b5">{words.message}</p>
        <p className="mut">{inOneLine(words.fix, several ? t("oddCellsOfAll") : "")}</p>
        <ChoiceField<MissingKind> label={t("whatHappens")} hint={kind ? t(`missingWords.${kind}`) : undefined} value={kind} choices={missingKinds(type).map((each) => ({ value: each, label: t(`missingKind.${each}`) }))} onChange={setKind} />
        {kind === "constant" && type === "binary" ? <ConstantField type={type} classes={null} value={constant} onChange={setConstant} /> : null}
        {kind === "constant" && type !== "binary" ? <TextInput label={t("constantValue")} value={constant} maxLength={VALUE_LENGTH} onChange={(event) => setConstant(event.currentTarget.value)} /> : null}
        <div className="row">
          <ButtonWithReason className="btn hint" why={why} busy={edits.isPending} onClick={() => kind && edits.takeAsMissing(missingChoice(type, kind, constant), onTaken)}>{t("takeAsMissing")}</ButtonWithReason>
          <button type="button" className="btn quiet" onClick={edits.leave}>{t("leaveAsItIs")}</button>
        </div>
      </div>
    </div>
  );
}
