/** k folds at once: from a division by seed, or from a column that holds them. */
import { NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Version } from "./columns";
import { foldColumn, ShareFields } from "./RuleFields";
import type { SubsetEdits } from "./subsetEdits";

type Shares = { stratify_by?: string | null; group_by?: string | null };

export function FoldsForm({ version, edits, onClose }: { version: Version; edits: SubsetEdits; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const column = foldColumn(version);
  const [from, setFrom] = useState<"random" | "column">(column ? "column" : "random");
  const [folds, setFolds] = useState(5);
  const [seed, setSeed] = useState(42);
  const [shares, setShares] = useState<Shares>({});
  const [feature, setFeature] = useState(column);
  const make = () => edits.addFolds(from === "column" ? { folds, seed, feature } : { folds, seed, feature: null, ...shares }, onClose);
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); make(); }}>
      <p className="mut">{panels("foldsWords")}</p>
      <Select label={panels("foldsFrom")} allowDeselect={false} value={from} data={[{ value: "random", label: panels("foldsRandom") }, { value: "column", label: panels("foldsColumn") }]} onChange={(value) => value && setFrom(value as "random" | "column")} />
      {from === "random" ? (
        <>
          <div className="ds-two">
            <NumberInput label={panels("foldCount")} min={2} max={20} allowDecimal={false} value={folds} onChange={(value) => typeof value === "number" && setFolds(value)} />
            <NumberInput label={panels("seed")} min={0} allowDecimal={false} value={seed} onChange={(value) => typeof value === "number" && setSeed(value)} />
          </div>
          <ShareFields version={version} value={shares} onChange={(part) => setShares({ ...shares, ...part })} />
        </>
      ) : (
        <Select label={panels("foldColumn")} searchable allowDeselect={false} limit={200} value={feature} data={version.features.filter((each) => ["numeric", "categorical", "binary", "text"].includes(each.type)).map((each) => each.name)} onChange={setFeature} />
      )}
      <ErrorNote error={edits.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={from === "column" && !feature ? panels("needs.column") : null} busy={edits.isPending}>{t("create")}</ButtonWithReason>
      </div>
    </form>
  );
}
