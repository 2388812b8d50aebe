/** Everything of a run that is not the graph, in groups, drawn from the setting cards. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import { datasetsQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import type { ParameterCard, ParamValue, Settings } from "@/model/document";
import { settingGroups } from "@/model/settingGroups";
import { formatCount } from "@/model/shape";
import type { Option } from "@/ui/CardField";
import { SettingGroups } from "@/ui/SettingGroups";

import { useGestures, useModeling } from "./ModelingContext";
import { ParameterField } from "./ParameterField";
import { RateCurve } from "./RateCurve";
import { RateFinder } from "./RateFinder";

export function SettingsTab({ onField }: { onField: (card: ParameterCard) => void }) {
  const { catalogue, experiment } = useModeling();
  const inNeed = experiment.analysis.problems.filter((item) => !item.block_id && item.param).map((item) => item.param);
  // What a hint leads to is unfolded too.
  const sought = useSearchParams()[0].get("setting");
  const groups = settingGroups(catalogue.settings, experiment.settings, [...inNeed, sought]);
  return (
    <SettingGroups
      groups={groups}
      field={(card) => <SettingField key={card.name} card={card} bad={inNeed.includes(card.name)} onFocus={() => onField(card)} />}
      nameOf={(card, value) => (isSubset(card) ? experiment.data?.subsets.find(({ id }) => id === value)?.name : undefined)}
    />
  );
}

const isSubset = (card: ParameterCard): boolean => card.name.endsWith("_subset_id");

function SettingField({ card, bad, onFocus }: { card: ParameterCard; bad: boolean; onFocus: () => void }) {
  const { t } = useTranslation("modeling");
  const { experiment, projectId } = useModeling();
  const { edit } = useGestures();
  const { versions, areRead } = useVersionOptions(projectId);
  const subsets: Option[] = (experiment.data?.subsets ?? []).map((subset) => ({ value: subset.id, label: subset.name, hint: t("row_count", { rows: formatCount(subset.rows) }) }));
  const value = experiment.settings[card.name as keyof Settings] as ParamValue | undefined;
  const change = (next: ParamValue) => edit([{ op: "set_setting", name: card.name, value: next }]);
  const weights: Option[] = [{ value: "", label: t("no_feature") }, ...(experiment.data?.sources ?? []).filter(({ kind }) => kind === "numeric" || kind === "binary").map(({ name }) => ({ value: name, label: name }))];
  const options = card.name === "version_id" ? versions : isSubset(card) ? subsets : card.name === "weight_feature" ? weights : undefined;
  const metrics = experiment.analysis.metric_names ?? [];
  const told = experiment.analysis.problems.find((item) => !item.block_id && item.param === card.name)?.problem;
  if (card.name === "version_id" && !areRead) return <p className="t12 dim" role="status" aria-busy="true">{t("versions_reading")}</p>;
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
  const beneath = card.name === "learning_rate" ? <RateFinder /> : card.name === "schedule" ? <RateCurve /> : null;
  const asChoice: ParameterCard = options ? { ...card, control: "choice" } : card;
  return (
    <div className="fields" data-setting={card.name}>
      <ParameterField card={asChoice} value={value ?? null} bad={bad} onFocus={onFocus} fieldKey={`setting/${card.name}`} {...(options ? { options, goneWords: told ? describeProblem(told).message : t("choice_gone") } : {})} onChange={change} />
      {beneath}
    </div>
  );
}

/** Frozen versions of all datasets of the project, the newest first; none of them is known before they are read. */
export function useVersionOptions(projectId: string): { versions: Option[]; areRead: boolean } {
  const { t } = useTranslation("modeling");
  const datasets = useQuery(datasetsQuery(projectId));
  const versions = (datasets.data ?? []).flatMap((dataset) =>
    dataset.versions
      .filter((version) => version.state === "frozen")
      .sort((a, b) => b.number - a.number)
      .map((version) => ({ value: version.id, label: t("version_name", { dataset: dataset.name, number: version.number }), hint: t("row_count", { rows: formatCount(version.rows) }) })),
  );
  return { versions, areRead: datasets.data !== undefined };
}
