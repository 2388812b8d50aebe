/** Everything of a run that is not the graph, drawn from the setting cards. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import { datasetsQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { hasEffect, type ParameterCard, type ParamValue, type Settings } from "@/model/document";
import { formatCount } from "@/model/shape";
import { Icon } from "@/ui/Icon";

import { useGestures, useModeling } from "./ModelingContext";
import { type Option, ParameterField } from "./ParameterField";
import { RateFinder } from "./RateFinder";

const PLAIN = ["version_id", "training_subset_id", "validation_subset_id", "batch_size", "epochs", "optimizer", "learning_rate"];

export function SettingsTab({ onField }: { onField: (card: ParameterCard) => void }) {
  const { t } = useTranslation("modeling");
  const { catalogue, experiment } = useModeling();
  const inNeed = experiment.analysis.problems.filter((item) => !item.block_id && item.param).map((item) => item.param);
  // A folded field that needs a repair would be a riddle.
  const [wantsUnfolded, setUnfolded] = useState(false);
  const sought = useSearchParams()[0].get("setting");
  const unfolded = wantsUnfolded || [...inNeed, sought].some((name) => name && !PLAIN.includes(name));
  const plain = PLAIN.map((name) => catalogue.settings.find((card) => card.name === name)).filter((card) => card !== undefined);
  const advanced = catalogue.settings.filter((card) => !PLAIN.includes(card.name) && hasEffect(card, experiment.settings, catalogue.settings));
  const field = (card: ParameterCard) => (
    <SettingField key={card.name} card={card} bad={inNeed.includes(card.name)} onFocus={() => onField(card)} />
  );
  return (
    <div className="settings">
      <div className="fields">{plain.map(field)}</div>
      {advanced.length > 0 && (
        <div className="advanced">
          <button type="button" className="fold" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
            <Icon name="right" />
            {t("advanced")}
          </button>
          {unfolded && <div className="fields">{advanced.map(field)}</div>}
        </div>
      )}
    </div>
  );
}

function SettingField({ card, bad, onFocus }: { card: ParameterCard; bad: boolean; onFocus: () => void }) {
  const { t } = useTranslation("modeling");
  const { experiment, projectId } = useModeling();
  const { edit } = useGestures();
  const versions = useVersionOptions(projectId);
  const subsets: Option[] = (experiment.data?.subsets ?? []).map((subset) => ({ value: subset.id, label: subset.name, hint: t("row_count", { rows: formatCount(subset.rows) }) }));
  const value = experiment.settings[card.name as keyof Settings] as ParamValue | undefined;
  const change = (next: ParamValue) => edit([{ op: "set_setting", name: card.name, value: next }]);
  const options = card.name === "version_id" ? versions : card.name === "training_subset_id" || card.name === "validation_subset_id" ? subsets : undefined;
  const metrics = experiment.analysis.metric_names ?? [];
  const told = experiment.analysis.problems.find((item) => !item.block_id && item.param === card.name)?.problem;
  if (card.name === "version_id" && versions.length === 0) {
    return (
      <div className="field">
        <span>{told && value ? describeProblem(told).message : t("no_version")}</span>
        <Link className="btn" to={`/projects/${projectId}/datasets`}>{t("go_to_datasets")}</Link>
      </div>
    );
  }
  if (card.name === "best_by" && metrics.length > 0) {
    const fitting = (card.choices ?? []).filter(({ value: name }) => name === "auto" || metrics.includes(name));
    return <ParameterField card={{ ...card, choices: fitting }} value={value ?? null} bad={bad} onFocus={onFocus} fieldKey={`setting/${card.name}`} onChange={change} />;
  }
  const finder = card.name === "learning_rate" ? <RateFinder /> : null;
  const asChoice: ParameterCard = options ? { ...card, control: "choice" } : card;
  return (
    <>
      <ParameterField card={asChoice} value={value ?? null} bad={bad} onFocus={onFocus} fieldKey={`setting/${card.name}`} {...(options ? { options, goneWords: told ? describeProblem(told).message : t("choice_gone") } : {})} onChange={change} />
      {finder}
    </>
  );
}

/** Frozen versions of all datasets of the project, the newest first. */
export function useVersionOptions(projectId: string): Option[] {
  const { t } = useTranslation("modeling");
  const datasets = useQuery(datasetsQuery(projectId));
  return (datasets.data ?? []).flatMap((dataset) =>
    dataset.versions
      .filter((version) => version.state === "frozen")
      .sort((a, b) => b.number - a.number)
      .map((version) => ({ value: version.id, label: t("version_name", { dataset: dataset.name, number: version.number }), hint: t("row_count", { rows: formatCount(version.rows) }) })),
  );
}
