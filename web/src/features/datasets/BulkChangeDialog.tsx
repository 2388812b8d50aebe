/** `Change several features`: one type, normalisation or choice on gaps for many at once. */
import { Modal } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Feature, FeatureType, Version } from "./columns";
import { OddCells } from "./EditError";
import { FeaturePicker } from "./FeaturePicker";
import { changeOf, type FeaturesChange, type MissingKind, missingKinds, normalizable, normalizationChanges, useEdits } from "./featureEdits";
import { typesFor } from "./featureWords";
import { NORMALIZATIONS, type Normalization } from "./normalization";
import { ChoiceField, SegmentField } from "./Fields";

type What = "type" | "normalization" | "missing";
const WHATS: readonly What[] = ["type", "normalization", "missing"];

export function BulkChangeDialog({ version, opened, onClose }: { version: Version; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const { t: words } = useTranslation("table");
  return (
    <Modal opened={opened} onClose={onClose} title={words("changeSeveral")} size={520} centered closeButtonProps={{ "aria-label": t("close") }}>
      <BulkForm version={version} onClose={onClose} />
    </Modal>
  );
}

/** What is possible for every one of several features. */
function common<T>(features: readonly Feature[], of: (feature: Feature) => readonly T[]): T[] {
  const [first, ...others] = features.map(of);
  return first ? first.filter((each) => others.every((other) => other.includes(each))) : [];
}

function BulkForm({ version, onClose }: { version: Version; onClose: () => void }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [what, setWhat] = useState<What>("type");
  const [type, setType] = useState<FeatureType | null>(null);
  const [normalization, setNormalization] = useState<Normalization | null>(null);
  const [missing, setMissing] = useState<MissingKind | null>(null);
  const features = version.features.filter((each) => chosen.has(each.name));
  const types = common(features, typesFor);
  const kinds = common(features, (each): MissingKind[] => missingKinds(each.type).filter((kind) => kind !== "constant"));
  const names = features.map((each) => each.name);
  const changes = (): FeaturesChange[] => {
    if (what === "normalization") return normalization ? normalizationChanges(features, normalization) : [];
    if (what === "missing") return missing && kinds.includes(missing) ? [changeOf(names, { missing: { kind: missing } })] : [];
    return type && types.includes(type) ? [changeOf(names, { type })] : [];
  };
  const ready = changes();
  const count = ready.reduce((sum, each) => sum + each.names.length, 0);
  const possible = { type: types.length, missing: kinds.length, normalization: normalizable(features).length }[what];
  const why = !features.length ? old("needs.features") : !possible ? t("nothingInCommon") : count ? null : t(`needs.${what}`);
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); edits.changeMany(ready, t("severalChanged", { count }), onClose); }}>
      <FeaturePicker features={version.features} chosen={chosen} onChange={setChosen} />
      <SegmentField<What> label={t("whatChanges")} value={what} choices={WHATS.map((each) => ({ value: each, label: t(`bulk.${each}`) }))} onChange={setWhat} />
      {what === "type" ? <ChoiceField<FeatureType> label={t("typeOfValues")} value={type} disabled={!types.length} choices={types.map((each) => ({ value: each, label: t(`type.${each}`) }))} onChange={setType} /> : null}
      {what === "normalization" ? <ChoiceField<Normalization> label={old("normalization")} hint={normalization ? old(`normalizationWords.${normalization}`) : undefined} value={normalization} choices={NORMALIZATIONS.map((each) => ({ value: each, label: old(`normalization.${each}`) }))} onChange={setNormalization} /> : null}
      {what === "missing" ? <ChoiceField<MissingKind> label={t("whatHappens")} hint={missing ? t(`missingWords.${missing}`) : undefined} value={missing} disabled={!kinds.length} choices={kinds.map((each) => ({ value: each, label: t(`missingKind.${each}`) }))} onChange={setMissing} /> : null}
      {edits.refusal ? <OddCells refusal={edits.refusal} type={edits.refusal.type ?? "numeric"} several={edits.changed.length > 1} onTaken={onClose} /> : <ErrorNote error={edits.error} />}
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={why} busy={edits.isPending}>{count ? t("changeCount", { count }) : old("change")}</ButtonWithReason>
      </div>
    </form>
  );
}
