/** What interrupted a run, and where it went on by itself; the curves show nothing of it. */
import { useTranslation } from "react-i18next";

import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { clock } from "@/ui/measures";

import type { Run } from "./series";

const MOST_SHOWN = 3;

export function Interruptions({ run }: { run: Run }) {
  const { t } = useTranslation("evaluation");
  const all = run.interruptions ?? [];
  if (all.length === 0) return null;
  const earlier = all.length - MOST_SHOWN;
  return (
    <ul className="ev-interruptions" aria-label={t("interruptions")}>
      {earlier > 0 ? <li className="dim">{t("earlierInterruptions", { count: earlier })}</li> : null}
      {all.slice(-MOST_SHOWN).map((each) => (
        <li key={each.at}>
          <Icon name="undo" size={12} />
          <span><span className="dim num">{clock(new Date(each.at))}</span> {describeProblem(each.problem).message} <span className="b5">{wentOn(each)}</span></span>
        </li>
      ))}
    </ul>
  );

  function wentOn({ epoch, step }: NonNullable<Run["interruptions"]>[number]): string {
    if (epoch == null) return run.state === "recovering" ? t("recoveringWords") : "";
    return step ? t("wentOnInStep", { epoch, step }) : t("wentOnInEpoch", { epoch });
  }
}
