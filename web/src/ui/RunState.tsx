/** The state of a run as a mark and a word; while it runs, the word is the share that is done. */
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { useLost } from "@/api/events";
import { runShare } from "@/model/runShare";
import { untrained } from "@/model/untrained";

import { Mark, type MarkName } from "./Icon";
import { percent } from "./measures";

type Run = Schemas["Run"];

const MARKS: Record<Run["state"], MarkName> = {
  queued: "wait", starting: "live", running: "live", recovering: "live", pausing: "live", paused: "wait", stopping: "live", stopped: "stop", done: "done", failed: "bad", interrupted: "bad",
};

export const isLiveRun = (run: Run): boolean => MARKS[run.state] === "live";

export function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  const lost = useLost() && isLiveRun(run);
  const state = untrained(run) ?? run.state;
  const tone = lost ? "" : isLiveRun(run) ? " live" : MARKS[run.state] === "bad" ? " bad" : "";
  return (
    <span className={`st${tone}`}>
      <Mark name={lost ? "wait" : MARKS[run.state]} />
      {lost ? t("run_lastKnown", { state: t(`run_${state}`) }) : run.state === "running" ? <span className="num">{percent(runShare(run))}</span> : t(`run_${state}`)}
    </span>
  );
}
