/** One run per fold of the version: what it gives, which folds, and how long it takes. */
import { Modal, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { foldsQuery } from "@/api/queries";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { ErrorNote } from "@/ui/ProblemNote";

import { ForecastLine } from "./ForecastLine";
import { useModeling } from "./ModelingContext";
import { type GroupRequest, useForecast, useStartGroup } from "./useGroup";

export function FoldsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("groups");
  const { queue, projectId } = useModeling();
  const { experiment } = queue.getState();
  const folds = useQuery(foldsQuery(experiment.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState(t("foldsName", { name: experiment.name }));
  const sets = folds.data ?? [];
  const set = sets.find((each) => each.id === chosen) ?? sets[0];
  const wanted: GroupRequest | null = set ? { kind: "folds", name: name.trim() || experiment.name, folds_id: set.id } : null;
  const forecast = useForecast(wanted);
  const start = useStartGroup();
  return (
    <Modal opened onClose={onClose} title={t("folds")} centered closeButtonProps={{ "aria-label": t("close") }}>
      <form className="name-form" onSubmit={(event) => { event.preventDefault(); if (wanted) start.mutate(wanted); }}>
        <p className="mut">{t("foldsWords")}</p>
        {folds.data && !set ? (
          <div className="note"><p className="sp">{t("noFolds")}</p><Link className="btn" to={`/projects/${projectId}/datasets`}>{t("toDatasets")}</Link></div>
        ) : (
          <>
            <label className="field"><span>{t("name")}</span><input className="input" value={name} maxLength={120} onChange={(event) => setName(event.target.value)} /></label>
            {sets.length > 1 ? <Select label={t("whichFolds")} allowDeselect={false} value={set?.id ?? null} data={sets.map((each) => ({ value: each.id, label: each.folds.map((fold) => fold.name).join(", ") }))} onChange={setChosen} /> : null}
            {set && sets.length === 1 ? <p className="t12 dim">{set.folds.map((fold) => fold.name).join(", ")}</p> : null}
            {set && !forecast.error ? <ForecastLine forecast={forecast.data} /> : null}
            {set ? <p className="t12 dim">{t("foldsQueued")}</p> : null}
          </>
        )}
        <ErrorNote error={start.error ?? forecast.error ?? folds.error} />
        <div className="row end-row">
          <span className="sp" />
          <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
          <ButtonWithReason type="submit" className="btn lg primary" why={null} busy={!wanted || start.isPending}>{t("start")}</ButtonWithReason>
        </div>
      </form>
    </Modal>
  );
}
