/** The primary action of this view: Run, or in words why not yet. */
import { useQueryClient } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api, ApiError, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { describeProblem, problemLine } from "@/i18n";
import { localize } from "@/model/blockView";
import type { Experiment } from "@/model/document";
import { Icon } from "@/ui/Icon";
import { useStanding } from "@/ui/standing";

import { useModeling } from "./ModelingContext";
import { RunMore } from "./RunMore";

/** Why it cannot run yet, in words; empty when it can. */
export function useReason(experiment: Experiment): string {
  const { t } = useTranslation("modeling");
  const { faults, words } = useModeling();
  const faulty = useSyncExternalStore(faults.subscribe, faults.all);
  const [first] = faulty;
  if (first && faulty.length === 1) return t("field_before_run", { field: localize(first.card.label, words.language) });
  if (first) return t("fields_before_run", { count: faulty.length });
  if (experiment.analysis.can_run) return "";
  if ((experiment.graph.blocks ?? []).length === 0) return t("blocks_before_run");
  const errors = experiment.analysis.problems.filter((item) => item.severity === "error");
  if (errors.length > 0) return t("repairs_before_run", { count: errors.length });
  return experiment.settings.version_id ? t("checking") : t("version_before_run");
}

export function RunAction() {
  const { t } = useTranslation("modeling");
  const { queue, projectId } = useModeling();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const { experiment } = queue.getState();
  const reason = useReason(experiment);
  const run = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await queue.flush();
      const started = await unwrap(api.POST("/api/v1/experiments/{experiment_id}/runs", { params: { path: { experiment_id: experiment.id } } }));
      await Promise.all([client.invalidateQueries({ queryKey: keys.runs(projectId) }), client.invalidateQueries({ queryKey: keys.experiments(projectId) })]);
      await navigate(`/projects/${projectId}/evaluation?run=${started.id}`);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setFailure(thrown);
    } finally {
      setBusy(false);
    }
  };
  const standing = useStanding(failure, experiment);
  const why = standing ? describeProblem(standing.problem).message : reason;
  return (
    <>
      {why && (
        <span id="why-not-run" className="why-not b5" title={standing ? problemLine(standing.problem) : undefined} role="status">
          <Icon name="alert" size={12} />
          <span className="ell">{why}</span>
        </span>
      )}
      <button type="button" className="btn lg primary" disabled={reason !== "" || busy} aria-describedby={why ? "why-not-run" : undefined} onClick={() => void run()}>
        <Icon name="play" size={12} />
        {t("run")}
      </button>
      <RunMore disabled={reason !== "" || busy} />
    </>
  );
}
