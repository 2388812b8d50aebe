/** The projects at the left; the chosen one is open, the others are a line or two. */
import { Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon, Mark } from "@/ui/Icon";
import { ago, metricValue, number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { ProjectDialog } from "./ProjectDialog";
import { metricName } from "./words";

type Project = Schemas["Project"];
type Props = { projects: Project[]; chosenId: string | undefined; onChoose: (id: string) => void; onNew: () => void };

export function ProjectList({ projects, chosenId, onChoose, onNew }: Props) {
  const { t } = useTranslation("home");
  const [renaming, setRenaming] = useState<Project | null>(null);
  const { binned, bin, restore } = useBin();
  return (
    <aside className="side" aria-label={t("projects")}>
      <div className="row">
        <h1 className="sp">{t("projects")}</h1>
        <span className="dim num">{projects.length > 0 ? number(projects.length) : null}</span>
      </div>
      <button type="button" className="btn primary lg full" onClick={onNew}><Icon name="plus" />{t("newProject")}</button>
      <ErrorNote error={bin.error ?? restore.error} />
      {binned ? (
        <div className="note" role="status">
          <Icon name="bin" />
          <span className="sp">{t("inBin", { name: binned.name })}</span>
          <button type="button" className="btn sm" onClick={() => restore.mutate(binned)}>{t("undo")}</button>
        </div>
      ) : null}
      {projects.length === 0 ? <p className="mut t12">{t("noProjects")}</p> : null}
      <ul className="projects">
        {projects.map((project) =>
          project.id === chosenId ? (
            <OpenCard key={project.id} project={project} onRename={() => setRenaming(project)} onBin={() => bin.mutate(project)} />
          ) : (
            <FlatCard key={project.id} project={project} onChoose={() => onChoose(project.id)} />
          ),
        )}
      </ul>
      <span className="sp" />
      <p className="t12 dim row private"><Icon name="lock" />{t("staysHere")}</p>
      {renaming ? <ProjectDialog project={renaming} onClose={() => setRenaming(null)} onSaved={() => undefined} /> : null}
    </aside>
  );
}

/** Move to the bin, and back with one click. */
function useBin() {
  const client = useQueryClient();
  const [binned, setBinned] = useState<Project | null>(null);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: keys.projects }), client.invalidateQueries({ queryKey: keys.recentRuns })]);
  const params = (project: Project) => ({ params: { path: { project_id: project.id } } });
  const bin = useMutation({
    mutationFn: (project: Project) => unwrap(api.DELETE("/api/v1/projects/{project_id}", params(project))),
    onSuccess: (_, project) => {
      setBinned(project);
      return refresh();
    },
  });
  const restore = useMutation({
    mutationFn: (project: Project) => unwrap(api.POST("/api/v1/projects/{project_id}/restore", params(project))),
    onSuccess: () => {
      setBinned(null);
      return refresh();
    },
  });
  return { binned, bin, restore };
}

function RunningWord({ count }: { count: number }) {
  const { t } = useTranslation("home");
  return count > 0 ? <span className="st live"><Mark name="live" />{t("running", { count })}</span> : null;
}

function FlatCard({ project, onChoose }: { project: Project; onChoose: () => void }) {
  const { t } = useTranslation("home");
  const facts = [t("datasetCount", { count: project.dataset_count }), t("experimentCount", { count: project.experiment_count }), t("changed", { when: ago(new Date(project.changed_at)) })];
  return (
    <li className="card pc flat">
      <div className="row">
        <button type="button" className="ttl sp ell" aria-expanded={false} title={project.name} onClick={onChoose}>{project.name}</button>
        <RunningWord count={project.running_count} />
      </div>
      <span className="t12 dim">{facts.join(" · ")}</span>
    </li>
  );
}

type CardProps = { project: Project; onRename: () => void; onBin: () => void };

function OpenCard({ project, onRename, onBin }: CardProps) {
  const { t } = useTranslation("home");
  const { t: metrics } = useTranslation("evaluation");
  const best = project.best_metric ? t("bestMetric", { metric: metricName(project.best_metric, metrics) }) : t("bestValue");
  return (
    <li className="card pc open">
      <div>
        <div className="row">
          <button type="button" className="ttl sp ell" aria-expanded title={project.name}>{project.name}</button>
          <RunningWord count={project.running_count} />
        </div>
        {project.description ? <p className="mut about">{project.description}</p> : null}
      </div>
      <dl className="facts">
        <div><dt>{t("versions")}</dt><dd>{number(project.version_count)}</dd></div>
        <div><dt>{t("experiments")}</dt><dd>{number(project.experiment_count)}</dd></div>
        <div><dt className="ell" title={best}>{best}</dt><dd>{metricValue(project.best_value, 2)}</dd></div>
      </dl>
      <div className="row">
        <span className="t12 dim sp">{t("changedLong", { when: ago(new Date(project.changed_at)) })}</span>
        <ProjectMore onRename={onRename} onBin={onBin} />
        <Link className="btn lg" to={`/projects/${project.id}/datasets`}>{t("open")}<Icon name="arrow" /></Link>
      </div>
    </li>
  );
}

function ProjectMore({ onRename, onBin }: { onRename: () => void; onBin: () => void }) {
  const { t } = useTranslation("home");
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <button type="button" className="btn quiet icon" aria-label={t("more")} title={t("more")}><Icon name="more" /></button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="edit" />} onClick={onRename}>{t("rename")}</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="bin" />} color="var(--bad)" onClick={onBin}>{t("moveToBin")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
