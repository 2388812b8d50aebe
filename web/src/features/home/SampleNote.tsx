/** A word on the sample data, below the runs. */
import { useTranslation } from "react-i18next";

import { ErrorNote } from "@/ui/ProblemNote";
import { SampleButton } from "@/ui/SampleButton";
import { useSample } from "@/ui/useSample";

import { FoldersDrawing } from "./FoldersDrawing";

export function SampleNote({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("home");
  const sample = useSample();
  return (
    <section className="empty teach">
      <FoldersDrawing />
      <div>
        <h2 className="t15">{t("sampleTitle")}</h2>
        <p className="mut">{t("sampleHint")}</p>
        <ErrorNote error={sample.error} />
      </div>
      <div className="teach-buttons">
        <SampleButton sample={sample} large />
        <button type="button" className="btn lg quiet" onClick={onNew}>{t("ownFiles")}</button>
      </div>
    </section>
  );
}
