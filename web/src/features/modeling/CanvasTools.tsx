/** The tools over the canvas: undo, the two ways to look, tidy up, zoom. */
import { useReactFlow, useStore } from "@xyflow/react";
import { useTranslation } from "react-i18next";

import { tidyLayout } from "@/model/layout";
import { moveTo } from "@/model/operations";
import { Icon, type IconName } from "@/ui/Icon";

import { useGestures, useModeling } from "./ModelingContext";
import { moveMs } from "./motion";

/** What the tools cover at the top stays free of blocks. */
export const FIT = { padding: { top: "64px", bottom: "28px", left: "32px", right: "32px" }, maxZoom: 1, minZoom: 0.2 } as const;
/** Height of the tools with their margins, and where the first block of an empty canvas begins. */
export const TOOLS_HEIGHT = 56;
export const RAIL_FROM_LEFT = 96;

export type ViewMode = "canvas" | "list";

export function ModeSwitch({ mode, onMode }: { mode: ViewMode; onMode: (mode: ViewMode) => void }) {
  const { t } = useTranslation("modeling");
  return (
    <div className="pill" role="group" aria-label={t("view_as")}>
      <button type="button" className={`btn${mode === "canvas" ? " on" : ""}`} aria-pressed={mode === "canvas"} onClick={() => onMode("canvas")}>
        <Icon name="graph" />
        {t("canvas")}
      </button>
      <button type="button" className={`btn${mode === "list" ? " on" : ""}`} aria-pressed={mode === "list"} onClick={() => onMode("list")}>
        <Icon name="list" />
        {t("list")}
      </button>
    </div>
  );
}

export function UndoTools() {
  const { t } = useTranslation("modeling");
  const { queue, experiment } = useModeling();
  return (
    <div className="pill">
      <Tool icon="undo" name={t("undo")} disabled={!experiment.can_undo} onClick={() => queue.undo()} />
      <Tool icon="redo" name={t("redo")} disabled={!experiment.can_redo} onClick={() => queue.redo()} />
    </div>
  );
}

export function CanvasTools() {
  const { t } = useTranslation("modeling");
  const { experiment, heights, blocks } = useModeling();
  const { edit } = useGestures();
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const zoom = useStore((state) => state.transform[2]);
  const tidy = () => {
    const inNeed = new Set(blocks.filter((view) => view.problem).map((view) => view.id));
    edit(moveTo(experiment.graph, tidyLayout(experiment.graph, heights, (id) => inNeed.has(id))));
    requestAnimationFrame(() => void fitView({ ...FIT, duration: moveMs() }));
  };
  return (
    <>
      <div className="pill">
        <button type="button" className="btn" onClick={tidy} disabled={blocks.length === 0}>
          <Icon name="tidy" />
          {t("tidy_up")}
        </button>
      </div>
      <div className="pill">
        <Tool icon="minus" name={t("zoom_out")} onClick={() => void zoomOut({ duration: moveMs() })} />
        <span className="t12 num mut zoom">{Math.round(zoom * 100)} %</span>
        <Tool icon="plus" name={t("zoom_in")} onClick={() => void zoomIn({ duration: moveMs() })} />
        <i />
        <Tool icon="fit" name={t("fit")} onClick={() => void fitView({ ...FIT, duration: moveMs() })} />
      </div>
    </>
  );
}

function Tool({ icon, name, disabled = false, onClick }: { icon: IconName; name: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" className="btn icon" aria-label={name} title={name} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
