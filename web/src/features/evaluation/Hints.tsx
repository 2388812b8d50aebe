/** What the curves say, in plain words, and the way to what could be tried; two at once, the others folded. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { catalogueQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";

import type { Run } from "./series";

const SHOWN_AT_FIRST = 2;

/** `goOn` is the button that trains this run further; null when it cannot. */
export function Hints({ run, goOn }: { run: Run; goOn: ReactNode }) {
  const { t } = useTranslation("evaluation");
  const [all, setAll] = useState(false);
  const hints = run.hints ?? [];
  if (hints.length === 0) return null;
  const folded = hints.length - SHOWN_AT_FIRST;
  return (
    <div className="ev-hints" role="group" aria-label={t("hints")}>
      <ul>
        {hints.slice(0, all ? hints.length : SHOWN_AT_FIRST).map((hint) => {
          const words = describeProblem(hint.problem);
          return (
            <li key={hint.problem.code}>
              <Icon name="info" />
              <div className="sp">
                <p className="b5">{words.message}</p>
                <p className="mut">{words.fix}</p>
              </div>
              {hint.more_epochs && goOn ? goOn : hint.setting ? <SettingLink run={run} setting={hint.setting} /> : null}
            </li>
          );
        })}
      </ul>
      {folded > 0 ? (
        <button type="button" className="ev-fold" aria-expanded={all} onClick={() => setAll(!all)}>
          <Icon name="right" />{all ? t("fewerHints") : t("moreHints", { count: folded })}
        </button>
      ) : null}
    </div>
  );
}

function SettingLink({ run, setting }: { run: Run; setting: string }) {
  const { t, i18n } = useTranslation("evaluation");
  const card = useQuery(catalogueQuery).data?.settings.find((each) => each.name === setting);
  if (!card) return null;
  const label = card.label[i18n.language === "zh" ? "zh" : "en"];
  return <Link className="btn" to={`/projects/${run.project_id}/modeling/${run.experiment_id}?setting=${setting}`}>{t("openSetting", { setting: label })}</Link>;
}
