/** The experiments of the project, each with the state of its latest run. */
import { Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { experimentsQuery, keys, runsQuery } from "@/api/queries";
import { trainedRun } from "@/model/trainedRun";
import { Icon, Mark, type MarkName } from "@/ui/Icon";
import { metricValue } from "@/ui/measures";

import { NameDialog } from "./NameDialog";

type Summary = Schemas["ExperimentSummary"];
type Run = Schemas["Run"];

const MARKS: Record<Run["state"], MarkName> = { queued: "wait", starting: "live", running: "live", recovering: "live", pausing: "live", paused: "wait", stopping: "live", stopped: "stop", done: "done", failed: "bad", interrupted: "bad" };

/** Every metric is shown by its usual name. */
const metricLabel = (name: string): string => name.replaceAll("_", " ");

export function ExperimentList({ projectId, experimentId }: { projectId: string; experimentId: string }) {
  const { t } = useTranslation("modeling");
  const client = useQueryClient();
  const navigate = useNavigate();
  const experiments = useQuery(experimentsQuery(projectId));
  const runs = useQuery(runsQuery(projectId));
  const [renamed, setRenamed] = useState<Summary | null>(null);
  const [binned, setBinned] = useState<Summary | null>(null);
  const list = experiments.data ?? [];

  const refresh = () => client.invalidateQueries({ queryKey: keys.experiments(projectId) });
  const open = (id: string) => navigate(`/projects/${projectId}/modeling/${id}`);
  const duplicate = async (item: Summary) => {
    const copy = await unwrap(api.POST("/api/v1/experiments/{experiment_id}/duplicate", { params: { path: { experiment_id: item.id } } }));
    await refresh();
    await open(copy.id);
  };
  const bin = async (item: Summary) => {
    await unwrap(api.DELETE("/api/v1/experiments/{experiment_id}", { params: { path: { experiment_id: item.id } } }));
    setBinned(item);
    if (item.id === experimentId) await navigate(`/projects/${projectId}/modeling`);
    await refresh();
  };
  const restore = async (item: Summary) => {
    await unwrap(api.POST("/api/v1/experiments/{experiment_id}/restore", { params: { path: { experiment_id: item.id } } }));
    setBinned(null);
    await refresh();
    await open(item.id);
  };
  const rename = async (item: Summary, name: string) => {
    const changed = await unwrap(api.PATCH("/api/v1/experiments/{experiment_id}", { params: { path: { experiment_id: item.id } }, body: { name } }));
    client.setQueryData(keys.experiment(changed.id), changed);
    await refresh();
  };

  return (
    <>
      <ul className="exps" aria-label={t("experiments")}>
        {list.map((item) => ({ item, run: runs.data?.runs.find((run) => run.id === item.latest_run_id) })).map(({ item, run }) => (
          <li key={item.id} className={`item${item.id === experimentId ? " on" : ""}`}>
            <Icon name="graph" />
            <Link className="b6 ell open" to={`/projects/${projectId}/modeling/${item.id}`} aria-current={item.id === experimentId ? "page" : undefined} title={item.name}>
              {item.name}
            </Link>
            <ExperimentMenu trained={trainedRun(runs.data?.runs ?? [], item.id)} onRename={() => setRenamed(item)} onDuplicate={() => void duplicate(item)} onBin={() => void bin(item)} name={item.name} />
            <ExperimentState item={item} run={run} />
          </li>
        ))}
      </ul>
      {binned && (
        <div className="note" role="status">
          <Icon name="bin" />
          <span className="sp">{t("in_bin", { name: binned.name })}</span>
          <button type="button" className="btn sm" onClick={() => void restore(binned)}>{t("undo")}</button>
        </div>
      )}
      {renamed && <NameDialog title={t("rename_experiment")} action={t("rename")} initial={renamed.name} onClose={() => setRenamed(null)} onName={(name) => rename(renamed, name)} />}
    </>
  );
}

function ExperimentState({ item, run }: { item: Summary; run: Run | undefined }) {
  const { t } = useTranslation("modeling");
  const problems = item.error_count > 0 ? t("problem_count", { count: item.error_count }) : "";
  if (!run) {
    return <span className="sub">{[t("not_run"), problems].filter(Boolean).join(" · ")}</span>;
  }
  const live = MARKS[run.state] === "live";
  const value = run.best_value == null ? "" : `${metricLabel(run.best_by)} ${metricValue(run.best_value, 2)}`;
  return (
    <span className="sub state">
      <span className={`st${live ? " live" : run.state === "failed" || run.state === "interrupted" ? " bad" : ""}`}>
        <Mark name={MARKS[run.state]} />
        {t(`run_${run.state}`)}
      </span>
      <span className="num">{[value, problems].filter(Boolean).join(" · ")}</span>
    </span>
  );
}

type ExperimentMenuProps = { name: string; trained: Run | null; onRename: () => void; onDuplicate: () => void; onBin: () => void };

function ExperimentMenu({ name, trained, onRename, onDuplicate, onBin }: ExperimentMenuProps) {
  const { t } = useTranslation("modeling");
  return (
    <Menu position="bottom-end" shadow="lg" width={216}>
      <Menu.Target>
        <button type="button" className="btn quiet icon sm" aria-label={t("more_of", { name })} title={t("more")}>
          <Icon name="more" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="edit" />} onClick={onRename}>{t("rename")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="copy" />} onClick={onDuplicate}>{t("duplicate")}</Menu.Item>
        {trained ? (
          <Menu.Item component={Link} to={`/projects/${trained.project_id}/evaluation?run=${trained.id}&download=${trained.id}`} leftSection={<Icon name="download" />}>{t("download")}</Menu.Item>
        ) : (
          <>
            <Menu.Item leftSection={<Icon name="download" />} disabled>{t("download")}</Menu.Item>
            <Menu.Label>{t("download_needs_run")}</Menu.Label>
          </>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="bin" />} color="var(--bad)" onClick={onBin}>{t("move_to_bin")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
