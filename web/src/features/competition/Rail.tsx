/** The steps of entering a competition as a vertical cable with a jack for each. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { clock, duration, number } from "@/ui/measures";

type Competition = Schemas["Competition"];
type StepState = "done" | "now" | "todo";

export function Rail({ projectId, competition }: { projectId: string; competition: Competition | null }) {
  const { t } = useTranslation("competition");
  const dryRun = competition?.dry_run ?? null;
  const passed = dryRun?.state === "passed";
  const made = competition?.state === "ready";
  const first: StepState = competition ? "done" : "now";
  return (
    <aside className="side co-rail-side" aria-label={t("steps")}>
      <div className="sec co-rail-head">
        <Link className="row t12 mut" to={`/projects/${projectId}/evaluation`}><span className="co-back"><Icon name="arrow" /></span>{t("evaluation")}</Link>
        <p className="co-rail-title">{competition?.name ?? t("enterCompetition")}</p>
      </div>
      <ol className="co-rail">
        <Step number={1} state={first} title={t("step.competition")} next={first}>
          {competition ? t("railCompetition", { clips: number(competition.test_clips), classes: number(competition.classes) }) : t("railCompetitionTodo")}
        </Step>
        <Step number={2} state={first} title={t("step.model")} next={made ? "done" : "todo"}>
          {competition ? t("railModel", { name: competition.experiment_name, epoch: competition.epoch }) : t("railModelTodo")}
        </Step>
        <Step number={3} state={passed ? "done" : competition ? "now" : "todo"} title={t("step.dryRun")} next={passed ? "done" : "todo"}>
          {dryRunWords(competition, t)}
        </Step>
        <Step number={4} state={passed ? "now" : "todo"} title={t("step.kaggle")} next="todo">{t("railKaggle")}</Step>
      </ol>
    </aside>
  );
}

function dryRunWords(competition: Competition | null, t: ReturnType<typeof useTranslation<"competition">>["t"]): string {
  const dryRun = competition?.dry_run;
  if (!dryRun) return t("railDryRunTodo");
  if (dryRun.state === "passed" || dryRun.state === "failed") return t(dryRun.state === "passed" ? "railPassed" : "railFailed", { time: duration(dryRun.seconds ?? 0) });
  return dryRun.total_clips ? t("railRunning", { done: number(dryRun.done_clips ?? 0), total: number(dryRun.total_clips) }) : t("dryRunStarting");
}

function Step({ number: place, state, next, title, children }: { number: number; state: StepState; next: StepState; title: string; children: ReactNode }) {
  return (
    <li className={`co-step ${state}${next === "todo" ? " pale" : ""}`} aria-current={state === "now" ? "step" : undefined}>
      <span className="co-jack" aria-hidden="true">{state === "done" ? <Icon name="check" size={12} /> : place}</span>
      <h2>{title}</h2>
      <p>{children}</p>
    </li>
  );
}

export function EarlierCompetitions({ projectId, competitions, currentId }: { projectId: string; competitions: readonly Competition[]; currentId: string | null }) {
  const { t } = useTranslation("competition");
  const others = competitions.filter((each) => each.id !== currentId);
  if (!others.length) return null;
  return (
    <section className="sec" aria-labelledby="co-earlier">
      <h2 id="co-earlier">{t("earlier")}</h2>
      <ul className="co-earlier">
        {others.map((each) => (
          <li key={each.id}>
            <Link className="item" to={`/projects/${projectId}/evaluation/competitions/${each.id}`}>
              <Icon name="flag" />
              <span className="b5 ell" title={each.name}>{each.name}</span>
              <span />
              <span className="sub">{t("earlierWords", { name: each.experiment_name, epoch: each.epoch, state: t(`dryRunState.${each.dry_run?.state ?? "none"}`), time: clock(new Date(each.created_at)) })}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
