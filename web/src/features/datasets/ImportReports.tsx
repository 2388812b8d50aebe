/** The reports of all imports that made a version: in short in the panel, each with its list in the dialog. */
import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { describeProblem, inOneLine, problemLine } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { day, number } from "@/ui/measures";

import type { ImportReport, ToldImport } from "./imports";

const SHOWN_PROBLEMS = 200;

/** Each import in a line: when it was, and how many of its rows came in. */
export function ImportsPanel({ imports, onShow }: { imports: readonly ToldImport[]; onShow: () => void }) {
  const { t } = useTranslation("datasets");
  if (!imports.length) return null;
  return (
    <section className="sec ds-grow">
      <div className="sec-h"><h2>{t("importReport")}</h2><button type="button" className="btn sm" onClick={onShow}>{t("show")}</button></div>
      <ul className="ds-imports">
        {imports.map((each) => (
          <li key={each.csv}>
            <p className="t12">{imports.length > 1 ? t("importLine", { name: nameOf(each, t), taken: takenOf(each.report, t) }) : takenOf(each.report, t)}</p>
            <ReportCounts report={each.report} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ReportDialog({ imports, opened, onClose }: { imports: readonly ToldImport[]; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const [only] = imports;
  return (
    <Modal opened={opened} onClose={onClose} title={t("importReport")} size={680} centered closeButtonProps={{ "aria-label": t("close") }}>
      {imports.length === 1 && only ? <ReportBody report={only.report} csv={only.csv} /> : null}
      {imports.length > 1 ? imports.map((each, place) => (
        <details key={each.csv} className="ds-import" open={place === imports.length - 1}>
          <summary className="row"><Icon name="down" size={12} /><b className="b6">{nameOf(each, t)}</b><span className="mut">{takenOf(each.report, t)}</span></summary>
          <ReportBody report={each.report} csv={each.csv} />
        </details>
      )) : null}
    </Modal>
  );
}

type Words = (key: string, params?: Record<string, unknown>) => string;

/** "Imported 12 Nov", "Added 13 Nov", "Not added 14:32". */
function nameOf({ kind, report }: ToldImport, t: Words): string {
  return report.at ? t(`importOn.${kind}`, { date: day(new Date(report.at)) }) : t(`importOf.${kind}`);
}

function takenOf(report: ImportReport, t: Words): string {
  return t("takenOf", { taken: number(report.rows_taken), found: number(report.rows_found) });
}

/** What one import took and what it did not, each with its reason; `csv` is the address of the whole list. */
export function ReportBody({ report, csv }: { report: ImportReport; csv: string }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  return (
    <div className="ds-report">
      <dl className="kv ds-figures">
        <dt>{t("filesFound")}</dt><dd className="num">{number(report.files_found)}</dd>
        <dt>{t("rowsFound")}</dt><dd className="num">{number(report.rows_found)}</dd>
        <dt>{t("rowsTaken")}</dt><dd className="num">{number(report.rows_taken)}</dd>
        {report.delimiter ? <><dt>{panels("delimiter")}</dt><dd>{panels(`delimiters.${report.delimiter === "\t" ? "tab" : report.delimiter}`)}</dd></> : null}
        {report.rows_there ? <><dt>{t("rowsThere")}</dt><dd className="num">{number(report.rows_there)}</dd></> : null}
        <dt>{t("rowsNotTaken")}</dt><dd className="num">{number(report.rows_found - report.rows_taken - (report.rows_there ?? 0))}</dd>
      </dl>
      <div className="row">
        <ReportCounts report={report} />
        <span className="sp" />
        {report.problem_count + (report.notes?.length ?? 0) ? <ReportLink address={csv} /> : null}
      </div>
      {report.problem_count ? (
        <ul className="ds-problems" aria-label={t("leftOutList")}>
          {report.problems.slice(0, SHOWN_PROBLEMS).map((each, place) => {
            const words = describeProblem(each.problem);
            // Most messages begin with the name: it stands once.
            const said = words.message.startsWith(each.item) ? words.message.slice(each.item.length) : ` ${words.message}`;
            return <li key={place}><b className="b6">{each.item}</b><span className="mut">{inOneLine(said, words.fix)}</span></li>;
          })}
          {report.problem_count > SHOWN_PROBLEMS ? <li className="mut">{t("moreInCsv", { count: report.problem_count - SHOWN_PROBLEMS, more: number(report.problem_count - SHOWN_PROBLEMS) })}</li> : null}
        </ul>
      ) : null}
      {report.notes?.length ? (
        <ul className="ds-remarks t12 mut" aria-label={t("remarkList")}>
          {report.notes.map((note, place) => <li key={place} className="row"><Icon name="info" /><span>{problemLine(note)}</span></li>)}
        </ul>
      ) : null}
    </div>
  );
}

/** How much was left out and how much is remarked on; the panel and the report count alike. */
function ReportCounts({ report }: { report: ImportReport }) {
  const { t } = useTranslation("datasets");
  const remarks = report.notes?.length ?? 0;
  return (
    <p className="ds-counts t12 num">
      {report.problem_count ? <span className="st warn"><Icon name="warn" size={12} />{t("leftOut", { count: report.problem_count, items: number(report.problem_count) })}</span> : <span className="st"><Icon name="check" size={12} />{t("noneLeftOut")}</span>}
      {remarks ? <span className="st"><Icon name="info" size={12} />{t("remarks", { count: remarks, remarks: number(remarks) })}</span> : null}
    </p>
  );
}

function ReportLink({ address }: { address: string }) {
  const { t, i18n } = useTranslation("datasets");
  return <a className="btn sm" href={`${address}?language=${i18n.language === "zh" ? "zh" : "en"}`} download="import-report.csv"><Icon name="download" size={12} />{t("downloadCsv")}</a>;
}
