/** One open experiment: everything around its canvas. */
import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { problemLine } from "@/i18n";
import { blockViews, keepUnchanged, type Words, wireViews } from "@/model/blockView";
import { blocksOf, cardsByKind, type Catalogue, positionOf } from "@/model/document";
import type { EditQueue, Notice } from "@/model/editQueue";
import { FieldFaults } from "@/model/fieldFaults";
import { BLOCK_WIDTH, heightsOf } from "@/model/layout";
import { formatCount, formatShortCount } from "@/model/shape";
import { Icon } from "@/ui/Icon";
import { PrimaryAction } from "@/ui/PrimaryAction";

import { Canvas } from "./Canvas";
import { CanvasTools, ModeSwitch, RAIL_FROM_LEFT, TOOLS_HEIGHT, UndoTools, type ViewMode } from "./CanvasTools";
import { EmptyCanvas } from "./EmptyStates";
import { Flow } from "./flow";
import { makeGestures, StageLink } from "./gestures";
import { Inspector, type InspectorTab } from "./Inspector";
import { ListView } from "./ListView";
import { type Modeling, ModelingProvider, useModeling } from "./ModelingContext";
import { ProblemList } from "./ProblemList";
import { RunAction, useReason } from "./RunAction";
import { RunForecast } from "./RunForecast";
import { moveMs } from "./motion";
import { fittedSnippets, useQueueState } from "./session";
import { useShortcuts } from "./useShortcuts";

type Props = { projectId: string; queue: EditQueue; catalogue: Catalogue; experimentList: ReactNode };

export function Workbench({ projectId, queue, catalogue, experimentList }: Props) {
  const { t } = useTranslation("modeling");
  const { notice } = useQueueState(queue);
  const narrow = useMediaQuery("(max-width: 960px)", false, { getInitialValueInEffect: false });
  const [wantedMode, setMode] = useState<ViewMode | null>(null);
  const mode = wantedMode ?? (narrow ? "list" : "canvas");
  const [tab, setTab] = useState<InspectorTab>("build");
  const [drawer, setDrawer] = useState(false);
  const [shelf, setShelf] = useState(false);
  const [inserting, setInserting] = useState(false);
  const searchRef = useRef<HTMLInputElement>(null);
  const [stage] = useState(() => new StageLink());
  const [flow] = useState(() => new Flow());
  const gestures = useMemo(() => makeGestures(queue, flow, catalogue, stage, () => fittedSnippets(queue.getState().experiment.id)), [queue, flow, catalogue, stage]);
  const value = useModelingValue({ projectId, queue, catalogue, flow });
  const { setCenter, setViewport } = useReactFlow();
  const store = useStoreApi();

  useEffect(() => {
    const open = (wanted: InspectorTab) => {
      setTab(wanted);
      if (narrow) setDrawer(true);
    };
    stage.set({
      openBuild: () => open("build"),
      openSettings: () => open("settings"),
      bringIntoSight: (id, { centre }) => afterNextFrame(() => {
        document.querySelector(`[data-block="${id}"]`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
        const { graph, analysis } = queue.getState().experiment;
        const block = blocksOf(graph).find((item) => item.id === id);
        const { transform: [x, y, zoom], width, height } = store.getState();
        if (!block || width === 0) return;
        const at = positionOf(block);
        const tall = heightsOf(analysis).of(block);
        const top = at.y * zoom + y;
        const left = at.x * zoom + x;
        const rowSeen = top > TOOLS_HEIGHT && top + tall * zoom < height - 24;
        const columnSeen = left > 0 && left + BLOCK_WIDTH * zoom < width;
        if (centre && !(rowSeen && columnSeen)) void setCenter(at.x + BLOCK_WIDTH / 2, at.y + tall / 2, { zoom: Math.max(zoom, 0.5), duration: moveMs() });
        // A new block only moves the view as far as it must: what the person looked at stays near.
        else if (!rowSeen || !columnSeen) {
          void setViewport({ x: columnSeen ? x : RAIL_FROM_LEFT - at.x * zoom, y: rowSeen ? y : height * 0.4 - at.y * zoom, zoom }, { duration: moveMs() });
        }
      }),
      startInsert: () => {
        open("build");
        setInserting(true);
        afterNextFrame(() => searchRef.current?.focus());
      },
      focusField: (key) => afterNextFrame(() => document.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`)?.focus()),
    });
  }, [narrow, queue, setCenter, setViewport, stage, store]);
  useWantedSetting(stage);
  useShortcuts(queue, gestures, flow, () => {
    setTab("build");
    afterNextFrame(() => searchRef.current?.focus());
  });

  const inspector = <Inspector tab={tab} onTab={setTab} searchRef={searchRef} inserting={inserting} onInsertDone={() => setInserting(false)} />;
  const empty = blocksOf(value.experiment.graph).length === 0;
  return (
    <ModelingProvider value={value} gestures={gestures}>
      {!narrow && (
        <PrimaryAction>
          <RunAction />
        </PrimaryAction>
      )}
      <main className={`main modeling${narrow ? " narrow" : ""}`}>
        {!narrow && (
          <aside className="side" aria-label={t("experiments")}>
            {experimentList}
            <ProblemList />
          </aside>
        )}
        <section className="mid" aria-label={value.experiment.name}>
          {narrow && <NarrowHead mode={mode} onMode={setMode} onExperiments={() => setShelf(true)} onSettings={() => stage.current.openSettings()} />}
          <div className={`stage${mode === "list" ? " listed" : ""}`}>
            {!narrow && (
              <div className="tools">
                <UndoTools />
                <ModeSwitch mode={mode} onMode={setMode} />
                <span className="sp" />
                {mode === "canvas" && <CanvasTools />}
              </div>
            )}
            {notice && <NoticeBar notice={notice} onClose={() => queue.dismissNotice()} />}
            {mode === "canvas" ? <Canvas /> : !empty && <ListView />}
            {empty && <EmptyCanvas />}
          </div>
          {narrow ? <NarrowFoot onAdd={() => {
            setTab("build");
            setDrawer(true);
          }} /> : <Foot queue={queue} />}
        </section>
        {narrow ? (
          <>
            <Drawer opened={drawer} onClose={() => setDrawer(false)} position="bottom" size="85%" title={t("inspector")} closeButtonProps={{ "aria-label": t("close") }} classNames={{ body: "drawer-b" }}>
              {inspector}
            </Drawer>
            <Drawer opened={shelf} onClose={() => setShelf(false)} position="left" size="min(320px, 88%)" title={t("experiments")} closeButtonProps={{ "aria-label": t("close") }} classNames={{ body: "drawer-b" }}>
              {experimentList}
              <ProblemList />
            </Drawer>
          </>
        ) : inspector}
      </main>
    </ModelingProvider>
  );
}

/** A setting that another view leads to, by its name in the address, is opened once. */
function useWantedSetting(stage: StageLink): void {
  const [search] = useSearchParams();
  const wanted = search.get("setting");
  useEffect(() => {
    if (wanted === null) return;
    stage.current.openSettings();
    stage.current.focusField(`setting/${wanted}`);
  }, [stage, wanted]);
}

const afterNextFrame = (act: () => void) => requestAnimationFrame(() => requestAnimationFrame(act));

function useModelingValue({ projectId, queue, catalogue, flow }: Pick<Modeling, "projectId" | "queue" | "catalogue" | "flow">): Modeling {
  const { t, i18n } = useTranslation("modeling");
  const { experiment } = useQueueState(queue);
  const cards = useMemo(() => cardsByKind(catalogue), [catalogue]);
  const words = useMemo<Words>(() => ({ language: i18n.language === "zh" ? "zh" : "en", yes: t("yes"), no: t("no"), unset: t("unset") }), [t, i18n.language]);
  const [faults] = useState(() => new FieldFaults());
  const [kept] = useState(() => new ViewKeeper());
  const views = useMemo(() => kept.keep(experiment, cards, words), [kept, experiment, cards, words]);
  const heights = useMemo(() => heightsOf(experiment.analysis), [experiment.analysis]);
  useEffect(() => {
    const places = new Map(blocksOf(experiment.graph).map((block) => [block.id, positionOf(block)]));
    flow.show(views.blocks, places, views.wires, {
      blockRole: t("role_block"),
      wireRole: t("role_wire"),
      wireName: (view) => t("wire_name", { source: view.sourceName, target: view.targetName }),
    });
  }, [flow, views, experiment.graph, t]);
  return useMemo(
    () => ({ projectId, experiment, queue, catalogue, cards, blocks: views.blocks, wires: views.wires, heights, words, flow, faults }),
    [projectId, experiment, queue, catalogue, cards, views, heights, words, flow, faults],
  );
}

/** Remembers the views of last time, so that what did not change is not drawn again. */
class ViewKeeper {
  private blocks: Modeling["blocks"] = [];
  private wires: Modeling["wires"] = [];

  keep(experiment: Modeling["experiment"], cards: Modeling["cards"], words: Words): { blocks: Modeling["blocks"]; wires: Modeling["wires"] } {
    this.blocks = keepUnchanged(this.blocks, blockViews(experiment, cards, words));
    this.wires = keepUnchanged(this.wires, wireViews(experiment, this.blocks));
    return { blocks: this.blocks, wires: this.wires };
  }
}

function NoticeBar({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const { t } = useTranslation("modeling");
  const words = notice.kind === "edited_elsewhere" ? t("edited_elsewhere") : problemLine(notice.problem);
  return (
    <div className={`note notice${notice.kind === "refused" ? " bad" : ""}`} role="status">
      <Icon name={notice.kind === "refused" ? "alert" : "info"} />
      <span className="sp">{words}</span>
      <button type="button" className="btn quiet icon sm" aria-label={t("close")} onClick={onClose}>
        <Icon name="x" />
      </button>
    </div>
  );
}

function Foot({ queue }: { queue: EditQueue }) {
  const { t } = useTranslation("modeling");
  const { save } = useQueueState(queue);
  const { experiment } = useModeling();
  const { data, analysis, settings } = experiment;
  return (
    <div className="foot">
      {analysis.parameters != null && (
        <span>
          <b className="num">{formatCount(analysis.parameters)}</b> {t("parameters_word", { count: analysis.parameters })}
        </span>
      )}
      {data && (
        <span className="ell">
          <b>{t("version_name", { dataset: data.dataset_name, number: data.version_number })}</b> <span className="dim num">{t("row_count", { rows: formatCount(data.rows) })}</span>
        </span>
      )}
      <RunForecast />
      <span className="wide-only extra">
        {t("batch_and_epochs", { batch: settings.batch_size ?? 28, epochs: settings.epochs ?? 30 })}
      </span>
      <span className="sp" />
      <span className={save === "unreachable" ? "bad" : "dim"} role="status">{t(`save_${save}`)}</span>
    </div>
  );
}

type NarrowHeadProps = { mode: ViewMode; onMode: (mode: ViewMode) => void; onExperiments: () => void; onSettings: () => void };

function NarrowHead({ mode, onMode, onExperiments, onSettings }: NarrowHeadProps) {
  const { t } = useTranslation("modeling");
  const { experiment, faults } = useModeling();
  const faulty = useSyncExternalStore(faults.subscribe, faults.all);
  const errors = faulty.length + experiment.analysis.problems.filter((item) => item.severity === "error").length;
  return (
    <div className="o-h">
      <h2 className="sp ell">
        <button type="button" className="shelf" onClick={onExperiments} aria-haspopup="dialog">
          <span className="ell">{experiment.name}</span>
          <Icon name="down" size={12} />
        </button>
      </h2>
      {errors > 0 && (
        <span className="tag bad num" role="img" aria-label={t("problem_count", { count: errors })} title={t("problem_count", { count: errors })}>
          <Icon name="alert" size={12} />
          {errors}
        </span>
      )}
      <div className="seg" role="group" aria-label={t("view_as")}>
        {(["list", "canvas"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={mode === name} aria-selected={mode === name} onClick={() => onMode(name)}>{t(name)}</button>
        ))}
      </div>
      <button type="button" className="btn" aria-haspopup="dialog" onClick={onSettings}>{t("settings")}</button>
    </div>
  );
}

function NarrowFoot({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation("modeling");
  const { experiment, queue } = useModeling();
  const reason = useReason(queue.getState().experiment);
  const { parameters } = experiment.analysis;
  return (
    <div className="o-f">
      <div className="o-f-facts">
        {parameters != null && (
          <div>
            <b className="num">{formatShortCount(parameters)}</b> {t("parameters_word", { count: parameters })}
          </div>
        )}
        {reason ? <div className="bad">{reason}</div> : <RunForecast />}
      </div>
      <button type="button" className="btn lg" onClick={onAdd}>
        <Icon name="plus" />
        {t("add_block")}
      </button>
      <RunAction />
    </div>
  );
}
