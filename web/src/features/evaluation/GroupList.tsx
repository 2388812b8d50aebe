/** The searches and fold runs of the project, above its single runs. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { useLost } from "@/api/events";
import { Mark } from "@/ui/Icon";
import { metricValue } from "@/ui/measures";

import { groupCounts, groupMark, groupStanding } from "./groupWords";
import { metricName } from "./runWords";

type Props = { groups: readonly Schemas["RunGroup"][]; selectedId: string | null; onSelect: (groupId: string) => void };

export function GroupList({ groups, selectedId, onSelect }: Props) {
  const { t } = useTranslation("groups");
  const lost = useLost();
  const markOf = (group: Schemas["RunGroup"]) => (lost && groupMark(group) === "live" ? "wait" : groupMark(group));
  if (!groups.length) return null;
  return (
    <section className="sec ev-runs" aria-labelledby="ev-groups">
      <div className="row"><h2 className="sp" id="ev-groups">{t("groups")}</h2></div>
      <ul>
        {groups.map((group) => (
          <li key={group.id} className={`item${group.id === selectedId ? " on" : ""}`} aria-label={group.name}>
            <span className={`ev-mark st${markOf(group) === "live" ? " live" : ""}`}><Mark name={markOf(group)} /></span>
            <button type="button" className="ev-pick ell" aria-pressed={group.id === selectedId} onClick={() => onSelect(group.id)} title={group.name}>{group.name}</button>
            <span />
            <GroupSub group={group} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function GroupSub({ group }: { group: Schemas["RunGroup"] }) {
  const { t } = useTranslation("groups");
  const metric = metricName(group.best_by, useTranslation("evaluation").t);
  const best = group.kind === "folds" && group.mean != null ? group.mean : group.trials.find((trial) => trial.run_id === group.best_run_id)?.value;
  const standing = groupStanding(group);
  const words = [standing === "waiting" || standing === "paused" ? t(`state.${standing}`) : null, t("endedOf", { ended: groupCounts(group).ended, total: group.total }), best == null ? null : `${metric} ${metricValue(best, 2)}`];
  return <span className="sub num">{words.filter(Boolean).join(" · ")}</span>;
}
