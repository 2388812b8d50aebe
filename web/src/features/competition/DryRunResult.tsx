/** What the dry run found: time, score, checks, the first rows of submission.csv, and its log. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { describeLabel } from "@/i18n";
import { Icon, Mark } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { ScoreCard, TimeCard } from "./DryRunDrawings";

type DryRun = Schemas["DryRun"];

const SHOWN_COLUMNS = 8;
const SHOWN_ROWS = 8;

export function DryRunResult({ competition, dryRun }: { competition: Schemas["Competition"]; dryRun: DryRun }) {
  return (
    <>
      {dryRun.projected_seconds != null ? (
        <div className="co-duo">
          <TimeCard dryRun={dryRun} />
          <ScoreCard competition={competition} dryRun={dryRun} />
        </div>
      ) : null}
      {dryRun.checks?.length ? <Checks checks={dryRun.checks} /> : null}
      {dryRun.preview ? <Preview preview={dryRun.preview} /> : null}
      {dryRun.log_tail ? <LogTail text={dryRun.log_tail} open={dryRun.state === "failed"} /> : null}
    </>
  );
}

function Checks({ checks }: { checks: readonly Schemas["Check"][] }) {
  const { t } = useTranslation("competition");
  const failed = checks.filter((check) => !check.passed);
  const ordered = [...failed, ...checks.filter((check) => check.passed)];
  return (
    <section className="card" aria-labelledby="co-checks">
      <div className="co-cap">
        <h2 className="sp" id="co-checks">{t("checks")}</h2>
        <span className="st live"><Icon name="check" size={12} />{t("passedCount", { n: number(checks.length - failed.length) })}</span>
        {failed.length ? <span className="st bad"><Mark name="bad" />{t("failedCount", { n: number(failed.length) })}</span> : null}
      </div>
      <ul className="co-checks">
        {ordered.map((check) => (
          <li key={check.code} className={check.passed ? undefined : "failed"}>
            <Icon name={check.passed ? "check" : "x"} />
            <span><span className="sr">{check.passed ? t("passedWord") : t("failedWord")}</span><CheckWords words={describeLabel(check.code, check.params, check.message)} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was checked, and after the colon what was found. */
function CheckWords({ words }: { words: string }) {
  const [claim = "", ...found] = words.split(/(?<=[:：])\s*/);
  return <><b className="b5">{claim}</b>{found.length ? <span className="mut"> {found.join(" ")}</span> : null}</>;
}

function Preview({ preview }: { preview: Schemas["SubmissionPreview"] }) {
  const { t } = useTranslation("competition");
  const columns = preview.columns.slice(0, SHOWN_COLUMNS);
  return (
    <section className="card co-preview" aria-labelledby="co-submission">
      <div className="co-cap">
        <h2 id="co-submission">submission.csv</h2>
        <span className="t12 dim sp">{t("previewWords", { columns: number(columns.length), totalColumns: number(preview.total_columns), rows: number(preview.total_rows) })}</span>
      </div>
      <div className="co-scroll">
        <table className="tbl num">
          <thead><tr>{columns.map((column, place) => <th key={column} scope="col" className={place ? "r" : undefined} title={column}>{column}</th>)}</tr></thead>
          <tbody>
            {preview.rows.slice(0, SHOWN_ROWS).map((row) => (
              <tr key={String(row[0])}>{row.slice(0, SHOWN_COLUMNS).map((value, place) => <Cell key={columns[place]} value={value} />)}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ value }: { value: string | number }) {
  if (typeof value === "string") return <td className="b5">{value}</td>;
  const share = Math.min(1, Math.max(0, value));
  return <td className="r"><span className="co-cell">{number(value, 3)}<i style={{ width: `${share < 0.008 ? 0 : share * 100}%` }} /></span></td>;
}

function LogTail({ text, open }: { text: string; open: boolean }) {
  const { t } = useTranslation("competition");
  return (
    <details className="card co-log" open={open}>
      <summary><Icon name="right" size={12} />{t("log")}</summary>
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}
