/** Home without a project: what the studio is for, its four steps, and two ways to begin. */
import { useTranslation } from "react-i18next";

import { Icon, type IconName } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";
import { SampleButton } from "@/ui/SampleButton";
import { useSample } from "@/ui/useSample";

import { FoldersDrawing } from "./FoldersDrawing";

const STEPS = [["datasets", "data"], ["modeling", "graph"], ["evaluation", "wave"], ["deployment", "flag"]] as const satisfies [string, IconName][];

export function FirstSteps({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("home");
  const { t: studio } = useTranslation();
  const sample = useSample();
  return (
    <div className="hero">
      <div>
        <h1>{t("welcome")}</h1>
        <p className="mut">{t("welcomeHint")}</p>
      </div>
      <ol className="steps4">
        {STEPS.map(([step, icon]) => (
          <li key={step}>
            <b><Icon name={icon} />{studio(step)}</b>
            <span className="t12 mut">{t(`about_${step}`)}</span>
          </li>
        ))}
      </ol>
      <div className="ways">
        <section className="card">
          <FoldersDrawing />
          <h2>{t("sampleWay")}</h2>
          <p className="t12 mut">{t("sampleWayHint")}</p>
          <SampleButton sample={sample} />
        </section>
        <section className="card">
          <TableDrawing />
          <h2>{t("ownWay")}</h2>
          <p className="t12 mut">{t("ownWayHint")}</p>
          <button type="button" className="btn" onClick={onNew}>{t("startEmpty")}</button>
        </section>
      </div>
      <ErrorNote error={sample.error} />
    </div>
  );
}

/** A table whose first column is sound and whose others are classes. */
function TableDrawing() {
  const rows = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]];
  return (
    <svg className="folders" viewBox="0 0 200 84" aria-hidden="true">
      {rows.map((marks, row) => (
        <g key={row} transform={`translate(1 ${4 + row * 26})`}>
          <rect width="198" height="22" rx="4" fill="var(--surface)" stroke="var(--line-2)" />
          {BARS.map((height, place) => <rect key={place} x={8 + place * 4} y={11 - 7 * Math.abs(Math.sin(height + row + place))} width="2" height={14 * Math.abs(Math.sin(height + row + place)) + 1} rx="1" fill="var(--accent)" />)}
          {marks.map((mark, place) => <rect key={place} x={104 + place * 24} y="6" width="3" height="10" rx="1" fill={mark ? "var(--ink)" : "var(--line-2)"} />)}
        </g>
      ))}
    </svg>
  );
}

const BARS = Array.from({ length: 18 }, (_, place) => Math.sin(place * 0.7));
