/** What this view is for, and the one next step. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { wirePath } from "@/model/wireGeometry";
import { Icon } from "@/ui/Icon";

import { useGestures, useModeling } from "./ModelingContext";
import { useVersionOptions } from "./SettingsTab";

function SmallModel() {
  const wire = wirePath({ x: 22, y: 26 }, { x: 22, y: 54 });
  return (
    <svg className="small-model" viewBox="0 0 180 86" aria-hidden="true">
      <path d={wire} stroke="var(--ink)" strokeWidth="6.5" />
      <path d={wire} stroke="var(--surface)" strokeWidth="2.75" />
      {[0, 54].map((top) => (
        <g key={top} transform={`translate(0 ${top})`}>
          <rect x=".5" y=".5" width="179" height="31" rx="8" fill="var(--surface)" stroke="var(--line-2)" />
          <rect x="10" y="7" width="18" height="18" rx="5" fill={top === 0 ? "var(--ink)" : "var(--sunken)"} stroke="var(--line)" />
          <rect x="38" y="9" width={top === 0 ? 36 : 52} height="5" rx="2.5" fill="var(--line-3)" />
          <rect x="38" y="19" width="72" height="4" rx="2" fill="var(--line-2)" />
        </g>
      ))}
      <circle cx="22" cy="32" r="5" fill="var(--surface)" stroke="var(--ink)" strokeWidth="2" />
      <circle cx="22" cy="54" r="5" fill="var(--surface)" stroke="var(--ink)" strokeWidth="2" />
    </svg>
  );
}

export function EmptyProject({ projectId, onNew }: { projectId: string; onNew: () => void }) {
  const { t } = useTranslation("modeling");
  const { versions, areRead } = useVersionOptions(projectId);
  return (
    <div className="empty start">
      <SmallModel />
      <h2 className="t15">{t("empty_title")}</h2>
      <p className="mut">{versions.length > 0 || !areRead ? t("empty_how") : t("empty_no_version")}</p>
      <div className="row">
        {versions.length > 0 || !areRead ? (
          <button type="button" className="btn lg" onClick={onNew}>
            <Icon name="plus" />
            {t("empty_start")}
          </button>
        ) : (
          <>
            <Link className="btn lg" to={`/projects/${projectId}/datasets`}>{t("go_to_datasets")}</Link>
            <button type="button" className="btn lg quiet" onClick={onNew}>{t("empty_draw_first")}</button>
          </>
        )}
      </div>
    </div>
  );
}

export function EmptyCanvas() {
  const { t } = useTranslation("modeling");
  const { catalogue, words, experiment, projectId } = useModeling();
  const { addBlock, addSnippet } = useGestures();
  return (
    <div className="empty start on-canvas">
      <SmallModel />
      <h2 className="t15">{t("canvas_empty_title")}</h2>
      <p className="mut">{t("canvas_empty_how")}</p>
      <div className="row wrap">
        <button type="button" className="btn lg" onClick={() => addBlock("input")}>{t("start_with_input")}</button>
        {catalogue.snippets.slice(0, 2).map((snippet) => (
          <button key={snippet.name} type="button" className="btn lg quiet" onClick={() => addSnippet(snippet.name)}>{t("add_named", { name: snippet.label[words.language] })}</button>
        ))}
      </div>
      {!experiment.data && (
        <p className="t12 dim">
          {t("no_version_yet")} <Link className="link" to={`/projects/${projectId}/datasets`}>{t("go_to_datasets")}</Link>
        </p>
      )}
    </div>
  );
}
