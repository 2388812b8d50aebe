/** The versions of one dataset, newest first: compare, export, move to the bin. */
import { Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, API_PREFIX, type Schemas, unwrap } from "@/api/client";
import { keys, versionQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";
import { useStanding } from "@/ui/standing";

import { CompareDialog } from "./CompareDialog";
import { JobLine } from "./ImportView";

type Dataset = Schemas["Dataset"];
type Summary = Schemas["VersionSummary"];
const POLL_MS = 800;

export function VersionList({ projectId, dataset, versionId, onBinned }: { projectId: string; dataset: Dataset; versionId: string | null; onBinned: (id: string) => void }) {
  const [compared, setCompared] = useState<Summary | null>(null);
  return (
    <>
      <ul className="ds-versions">
        {[...dataset.versions].sort((a, b) => b.number - a.number).map((version) => (
          <VersionLine key={version.id} projectId={projectId} dataset={dataset} version={version} isOn={version.id === versionId} onCompare={() => setCompared(version)} onBinned={() => onBinned(version.id)} />
        ))}
      </ul>
      <CompareDialog dataset={dataset} version={compared} onClose={() => setCompared(null)} />
    </>
  );
}

function VersionLine({ projectId, dataset, version, isOn, onCompare, onBinned }: { projectId: string; dataset: Dataset; version: Summary; isOn: boolean; onCompare: () => void; onBinned: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const client = useQueryClient();
  const [exporting, setExporting] = useState(false);
  const frozen = version.state === "frozen";
  const name = frozen ? t("version", { number: version.number }) : t("draftOf", { number: version.number });
  const bin = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/versions/{version_id}", { params: { path: { version_id: version.id } } })),
    onSuccess: () => { onBinned(); return client.invalidateQueries({ queryKey: keys.datasets(projectId) }); },
  });
  const notBinned = useStanding(useStanding(bin.error, dataset), isOn);
  return (
    <li>
      <div className="ds-version">
        <Link className={isOn ? "row t12 on" : "row t12 mut"} to={`/projects/${projectId}/datasets/${dataset.id}/${version.id}`} title={version.bytes ? bytes(version.bytes) : undefined}>
          <Icon name={frozen ? "lock" : "edit"} size={12} />
          <span className="sp">{name}</span>
          {version.run_count ? <span className="dim num">{t("runs", { count: version.run_count })}</span> : null}
        </Link>
        {dataset.versions.length > 1 || frozen ? (
          <Menu position="bottom-end" shadow="md" width={200} returnFocus={!exporting}>
            <Menu.Target><button type="button" className="btn quiet icon sm" aria-label={t("moreOf", { name: `${dataset.name}, ${name}` })}><Icon name="more" /></button></Menu.Target>
            <Menu.Dropdown>
              {dataset.versions.length > 1 ? <Menu.Item leftSection={<Icon name="list" />} onClick={onCompare}>{panels("compare")}</Menu.Item> : null}
              {frozen ? <Menu.Item leftSection={<Icon name="download" />} onClick={() => setExporting(true)}>{panels("export")}</Menu.Item> : null}
              {dataset.versions.length > 1 ? <Menu.Item leftSection={<Icon name="bin" />} onClick={() => bin.mutate()}>{t("moveToBin")}</Menu.Item> : null}
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </div>
      <ErrorNote error={notBinned} />
      {exporting ? <ExportLine version={version} onClose={() => setExporting(false)} /> : null}
    </li>
  );
}

const TRY_MS = 100;
const TRIES = 10;

/** What comes next is where the eye and the keyboard are; a menu that is just closing takes the focus along for a moment. */
function broughtInSight(next: HTMLElement | null): (() => void) | undefined {
  if (!next) return undefined;
  let tried = 0;
  const trying = setInterval(() => {
    if (document.activeElement !== next) { next.scrollIntoView({ block: "nearest" }); next.focus(); }
    tried += 1;
    if (tried === TRIES) clearInterval(trying);
  }, TRY_MS);
  return () => clearInterval(trying);
}

/** An export under way, then the link to it. */
function ExportLine({ version, onClose }: { version: Summary; onClose: () => void }) {
  const { t } = useTranslation("panels");
  const client = useQueryClient();
  const now = useQuery({ ...versionQuery(version.id), refetchInterval: (asked) => (asked.state.data?.job_id ? POLL_MS : false) });
  const begin = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/versions/{version_id}/export", { params: { path: { version_id: version.id } } })),
    onSuccess: (next) => client.setQueryData(keys.version(version.id), next),
  });
  const ready = now.data?.export_ready && !now.data.job_id;
  return (
    <div className="ds-export">
      {now.data?.job_id ? <JobLine jobId={now.data.job_id} label={t("exporting")} thin /> : null}
      {ready ? <a ref={broughtInSight} className="btn sm" href={`${API_PREFIX}/versions/${version.id}/export.zip`} download onClick={onClose}><Icon name="download" size={12} /><span className="ds-export-words"><span>{t("downloadExport")}</span> <span className="num dim">{bytes(now.data?.export_bytes ?? 0)}</span></span></a> : null}
      {now.data && !ready && !now.data.job_id ? <button ref={broughtInSight} type="button" className="btn sm" disabled={begin.isPending} onClick={() => begin.mutate()}>{t("makeExport")}</button> : null}
      <ErrorNote error={begin.error} />
    </div>
  );
}
