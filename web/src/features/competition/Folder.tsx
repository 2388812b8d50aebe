/** What goes to Kaggle: the folder's files, the facts of the notebook, and the steps by hand. */
import { useTranslation } from "react-i18next";

import { API_PREFIX, type Schemas } from "@/api/client";
import { Icon, type IconName } from "@/ui/Icon";
import { bytes } from "@/ui/measures";

type Competition = Schemas["Competition"];

const FILE_ICONS: [RegExp, IconName][] = [[/\.h5$/, "bundle"], [/\.ipynb$|\.py$/, "code"], [/classes/, "set"], [/preprocessing/, "wave"]];
const STEPS = ["step1", "step2", "step3", "step4", "step5"] as const;

export function Folder({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  const total = competition.files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <>
      <section className="sec" aria-labelledby="co-folder">
        <div className="sec-h"><h2 id="co-folder">{t("whatGoes")}</h2><span className="t12 dim num">{bytes(total)}</span></div>
        <ul className="co-tree">
          {competition.files.map((file) => (
            <li key={file.name} title={`SHA-256 ${file.sha256}`}>
              <Icon name={FILE_ICONS.find(([pattern]) => pattern.test(file.name))?.[1] ?? "file"} />
              <span className="ell" title={file.name}>{file.name}</span>
              <span className="num">{bytes(file.bytes)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="sec" aria-labelledby="co-notebook">
        <h2 id="co-notebook">{t("notebook")}</h2>
        <dl className="kv">
          <dt>{t("machine")}</dt><dd>{t("machineWords")}</dd>
          <dt>{t("internet")}</dt><dd>{t("off")}</dd>
          <dt>{t("visibility")}</dt><dd>{t("private")}</dd>
          <dt>{t("toEdit")}</dt><dd>{t("nothing")}</dd>
        </dl>
      </section>
      <section className="sec" aria-labelledby="co-then">
        <h2 id="co-then">{t("byHand")}</h2>
        <ol className="co-then">
          {STEPS.map((step) => <li key={step}>{t(step)}</li>)}
        </ol>
      </section>
    </>
  );
}

export function FolderLink({ competition, primary }: { competition: Competition; primary: boolean }) {
  const { t } = useTranslation("competition");
  return (
    <a className={`btn lg${primary ? " primary" : ""}`} href={`${API_PREFIX}/competitions/${competition.id}/folder.zip`} download="kaggle.zip">
      <Icon name="download" />{t("downloadZip")}
    </a>
  );
}

export function SubmissionLink({ competition }: { competition: Competition }) {
  const { t } = useTranslation("competition");
  return (
    <a className="btn lg" href={`${API_PREFIX}/competitions/${competition.id}/submission.csv`} download="submission.csv">
      <Icon name="download" />{t("downloadSubmission")}
    </a>
  );
}
