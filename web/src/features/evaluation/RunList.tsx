/** The experiments of the project with their runs, and what the chosen run was trained with. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { useLost } from "@/api/events";
import { catalogueQuery } from "@/api/queries";
import type { Settings } from "@/model/document";
import { runShare } from "@/model/runShare";
import { Mark } from "@/ui/Icon";
import { metricValue, number } from "@/ui/measures";

import { engineFacts } from "./engineWords";
import { RunMarker } from "./RunMarker";
import { RunMenu, type RunMenuProps } from "./RunMenu";
import { bestWords, metricName, stateNow } from "./runWords";
import type { Named } from "./series";
import { settingFacts } from "./settingFacts";

export type RunListProps = {
  projectId: string;
  experiments: readonly Schemas["ExperimentSummary"][];
  named: readonly Named[];
  selectedId: string;
  /** Of each set of comparable runs the best one. */
  best: readonly Schemas["Run"][];
  comparedCount: number;
  onSelect: (runId: string) => void;
} & Omit<RunMenuProps, "run">;

export function RunList({ projectId, experiments, named, selectedId, best, comparedCount, onSelect, ...actions }: RunListProps) {
  const { t } = useTranslation("evaluation");
  const withoutRun = experiments.filter((experiment) => !named.some(({ run }) => run.experiment_id === experiment.id));
  return (
    <section className="sec ev-runs" aria-labelledby="ev-experiments">
      <div className="row">
        <h2 className="sp" id="ev-experiments">{t("experiments")}</h2>
        <span className="t11 dim">{t("compared", { count: comparedCount })}</span>
      </div>
      <ul>
        {withoutRun.map((experiment) => (
          <li key={experiment.id}>
            <Link className="item" to={`/projects/${projectId}/modeling/${experiment.id}`}>
              <span className="dim ev-mark"><Mark name="wait" /></span>
              <span className="b5 ell" title={experiment.name}>{experiment.name}</span>
              <span />
              <span className="sub">{t("notRunYet")}</span>
            </Link>
          </li>
        ))}
        {named.map((each) => (
          <li key={each.run.id} className={`item${each.run.id === selectedId ? " on" : ""}`} aria-label={each.name}>
            <span className="ev-mark"><RunMarker style={each.style} /></span>
            <button type="button" className="ev-pick ell" aria-pressed={each.run.id === selectedId} onClick={() => onSelect(each.run.id)} title={each.name}>{each.name}</button>
            <RunMenu run={each.run} {...actions} />
            <RunSub each={each} best={best} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RunSub({ each: { run }, best }: { each: Named; best: readonly Schemas["Run"][] }) {
  const { t } = useTranslation("evaluation");
  const value = typeof run.best_value === "number" ? `${metricName(run.best_by, t)} ${metricValue(run.best_value, 2)}` : null;
  const lost = useLost();
  const { mark, tone, words: told } = stateNow(run, lost, t);
  const state = run.state === "running" && !lost ? t("runningShare", { percent: Math.floor(runShare(run) * 100) }) : told;
  const badly = tone === "bad";
  const words = [value, best.includes(run) ? bestWords(run, best, t) : null, badly || (run.state === "done" && value) ? null : state].filter(Boolean);
  return (
    <span className="sub num">
      {badly ? <span className="st bad"><Mark name={mark} />{state}</span> : null}
      {badly && words.length ? " · " : null}
      {words.join(" · ")}
    </span>
  );
}

export function RunFacts({ run }: { run: Schemas["Run"] }) {
  const { t } = useTranslation("evaluation");
  const { t: fields, i18n } = useTranslation("fields");
  const cards = useQuery(catalogueQuery).data?.settings ?? [];
  const { settings, machine } = run;
  const facts: [string, string][] = [
    [t("datasetVersion"), t("versionOf", { name: run.dataset_name, number: run.version_number })],
    [t("batchSize"), number(settings.batch_size ?? 0)],
    [t("epochs"), number(settings.epochs ?? 0)],
    [t("optimizer"), t(`optimizerName.${settings.optimizer ?? "adam"}`)],
    [t("learningRate"), String(settings.learning_rate)],
    ...settingFacts(cards, settings as Settings, fields, i18n.language),
    [t("parameters"), number(run.parameters)],
    ...engineFacts(machine, t),
    [t("seed"), String(settings.seed)],
    [t("dataHash"), shortHash(run.data_hash)],
  ];
  return (
    <section className="sec" aria-labelledby="ev-facts">
      <div className="sec-h"><h2 id="ev-facts">{t("trainedWith")}</h2></div>
      <dl className="kv num">
        {facts.map(([label, value]) => (
          <div className="ev-fact" key={label}>
            <dt>{label}</dt>
            <dd title={label === t("dataHash") ? run.data_hash : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The first eight digits in two groups, enough to compare by eye. */
function shortHash(hash: string): string {
  const digits = hash.replace(/^sha256:/, "");
  return `${digits.slice(0, 4)} ${digits.slice(4, 8)}`;
}
