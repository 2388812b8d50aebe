/** The best trial of a search so far: what it was trained with, and the way to train on with that. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { useLost } from "@/api/events";
import { experimentQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import { isInUse, valueWords } from "./groupWords";
import { useTrialSettings } from "./runActions";

type Props = { group: Schemas["RunGroup"]; label: (name: string) => string };

export function BestTrial({ group, label }: Props) {
  const { t } = useTranslation("groups");
  const use = useTrialSettings(group);
  const now = useQuery(experimentQuery(group.experiment_id));
  const lost = useLost();
  const best = group.trials.find((trial) => trial.run_id === group.best_run_id);
  if (!best) return null;
  const settings = Object.entries(best.values).map(([name, value]) => t("settingIs", { name: label(name), value: valueWords(value, t) })).join(t("listComma"));
  const changed = use.data;
  const inUse = now.data && isInUse(best.values, now.data.settings) ? now.data : null;
  const led = changed ?? inUse;
  return (
    <div className="row ev-averaged">
      {changed ? (
        <p className="sp t12" role="status">
          {t(changed.id === group.experiment_id ? "settingsTaken" : "settingsCopied", { name: changed.name, settings, number: best.number })}
        </p>
      ) : <p className="sp t12 mut">{t("bestSettings", { number: best.number, settings })}{inUse ? ` ${t("settingsInUse", { name: inUse.name })}` : ""}</p>}
      {led ? <Link className="btn" to={`/projects/${group.project_id}/modeling/${led.id}`}>{t("openExperiment", { name: led.name })}</Link> : null}
      {led || now.isPending ? null : (
        <button type="button" className="btn" disabled={lost || use.isPending} onClick={() => use.mutate(best)}><Icon name="check" />{t("useSettings")}</button>
      )}
      <ErrorNote error={use.error} />
    </div>
  );
}
