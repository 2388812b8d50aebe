/** A word on the sample data, below the runs, and the way to bring own files into the chosen project. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { ErrorNote } from "@/ui/ProblemNote";
import { SampleButton } from "@/ui/SampleButton";
import { useSample } from "@/ui/useSample";

import { FoldersDrawing } from "./FoldersDrawing";

export function SampleNote({ projectId }: { projectId: string }) {
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
        <Link className="btn lg quiet" to={`/projects/${projectId}/datasets?new`}>{t("ownFiles")}</Link>
      </div>
    </section>
  );
}
