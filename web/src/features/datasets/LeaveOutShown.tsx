/** Above the table: leave out all rows that were looked for, or of equal ones the copies; take those left out back. */
import { useTranslation } from "react-i18next";

import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Version } from "./columns";
import type { Finding } from "./health";
import { useLeftOut } from "./leftOut";
import { type Choice, isPicked } from "./rowPages";

type Props = { version: Version; choice: Choice; finding: Finding | undefined; total: number; onDone: () => void };

export function LeaveOutShown({ version, choice, finding, total, onDone }: Props) {
  const { t } = useTranslation("table");
  const leftOut = useLeftOut(version);
  if (version.state !== "draft" || total === 0) return null;
  const byHand = version.usage.left_out_by_hand;
  const button = (words: string, how: { copies_only?: boolean; take_back?: boolean }, hint?: string) => (
    <>
      <button type="button" className="btn sm" title={hint} disabled={leftOut.isPending} onClick={() => leftOut.shown(choice, how, onDone)}>{words}</button>
      <ErrorNote error={leftOut.error} />
    </>
  );
  // Rows that lack a value are taken back where their values are decided on.
  if (choice.leftOut) {
    const areAllByHand = byHand === version.usage.left_out_rows;
    return byHand ? button(areAllByHand ? t("takeShownBack", { count: total, rows: number(total) }) : t("takeByHandBack"), { take_back: true }) : null;
  }
  if (finding?.copies) return button(t("leaveOutCopies"), { copies_only: true }, t("leaveOutCopiesHint"));
  // What is found in every row is no fault of a row: without them nothing would be left.
  if (finding && total >= version.rows - byHand) return null;
  return isPicked(choice) ? button(t("leaveOutShown", { count: total, rows: number(total) }), {}) : null;
}
