/** A problem where it hurts: the reason in words and the repair as a button. */
import { useTranslation } from "react-i18next";

import { describeLabel, describeProblem, problemLine } from "@/i18n";
import type { GraphProblem } from "@/model/document";
import { Icon } from "@/ui/Icon";

import { useGestures } from "./ModelingContext";

/** So short that the repair stands beside it. */
const BRIEF_CHARACTERS = 32;

export function ProblemRow({ problem, atSide = false }: { problem: GraphProblem; atSide?: boolean }) {
  const words = describeProblem(problem.problem);
  const brief = !atSide && words.message.length <= BRIEF_CHARACTERS;
  return (
    <div className={`err-row${brief ? " brief" : ""}${atSide ? " at-side" : ""} nodrag`}>
      <Icon name="alert" />
      <span className="why" title={problemLine(problem.problem)}>{words.message}</span>
      <RepairButton problem={problem} />
    </div>
  );
}

export function RepairButton({ problem }: { problem: GraphProblem }) {
  useTranslation("modeling"); // worded again when the language changes
  const { edit } = useGestures();
  const repair = problem.repair;
  if (!repair) return null;
  return (
    <button type="button" className={`btn ${problem.severity === "error" ? "fix" : "hint"}`} onClick={(event) => {
      event.stopPropagation();
      edit(repair.operations);
    }}>
      {describeLabel(repair.label_code, repair.params, repair.label)}
    </button>
  );
}
