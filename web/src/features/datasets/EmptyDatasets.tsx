/** No dataset yet: what this view is for, and the one next step. */
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";
import { SampleButton } from "@/ui/SampleButton";
import { useSample } from "@/ui/useSample";

import { BinButton } from "./BinDialog";

export function EmptyDatasets({ projectId, onNew }: { projectId: string; onNew: () => void }) {
  const { t } = useTranslation("datasets");
  const sample = useSample();
  return (
    <main className="ds-empty">
      <div className="empty">
        <svg viewBox="0 0 220 96" className="ds-drawing" aria-hidden="true">
          {["0.5", "34.5", "68.5"].map((y) => <rect key={y} x="0.5" y={y} width="72" height="26" rx="6" />)}
          <path d="M73 13.5c40 0 40 34 70 34M73 47.500h70M73 81.500c40 0 40-34 70-34" />
          <circle cx="146" cy="47.500" r="6" />
          <rect x="156.500" y="15.500" width="63" height="63" rx="8" />
          <path className="accent" d="M168 44v7M175 36v23M182 28v38M189 38v19M196 32v30M203 40v15M210 45v5" />
        </svg>
        <div>
          <h1>{t("emptyTitle")}</h1>
          <p className="mut">{t("emptyWords")}</p>
          <div className="row">
            <button type="button" className="btn primary lg" onClick={onNew}><Icon name="plus" />{t("newDataset")}</button>
            <SampleButton sample={sample} large />
            <BinButton projectId={projectId} />
          </div>
          <ErrorNote error={sample.error} />
        </div>
      </div>
    </main>
  );
}
