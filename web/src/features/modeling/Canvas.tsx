/** The canvas: blocks and wires that can be dragged, connected, picked and looked at from near and far. */
import "@xyflow/react/dist/base.css";

import { Background, type Connection, ConnectionMode, type FinalConnectionState, MiniMap, type NodeChange, ReactFlow, useNodesInitialized, useReactFlow, useStore, useStoreApi, type Viewport } from "@xyflow/react";
import { type DragEvent, useCallback, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import type { Position } from "@/model/document";
import { moveTo } from "@/model/operations";

import { BlockNode } from "./BlockNode";
import { RAIL_FROM_LEFT, TOOLS_HEIGHT } from "./CanvasTools";
import { ConnectionLine } from "./ConnectionLine";
import { DRAGGED_ENTRY } from "./dragEntry";
import { firstView } from "./firstView";
import type { BlockNodeType, WireEdgeType } from "./flow";
import { useGestures, useModeling } from "./ModelingContext";
import { WireEdge } from "./WireEdge";

const nodeTypes = { block: BlockNode };
const edgeTypes = { wire: WireEdge };

/** Beyond this many blocks only those in sight are drawn; up to it all can be reached by Tab. */
const RENDER_ALL_UP_TO = 80;

/** Where each experiment was looked at from, for as long as the page is open. */
const viewports = new Map<string, Viewport>();

const rounded = (places: ReadonlyMap<string, Position>): Map<string, Position> => new Map([...places].map(([id, place]) => [id, { x: Math.round(place.x), y: Math.round(place.y) }]));

/** Choose the view once, when the sizes of the blocks are known; blocks that are not drawn are never measured. */
function useFirstView(wanted: boolean, allAreDrawn: boolean): void {
  const measured = useNodesInitialized();
  const onScreen = useStore((state) => state.width > 0);
  const store = useStoreApi();
  const { getNodes, getNodesBounds, setViewport } = useReactFlow();
  const open = useRef(wanted);
  useLayoutEffect(() => {
    if (!open.current || !onScreen || (allAreDrawn && !measured)) return;
    open.current = false;
    const { width, height } = store.getState();
    void setViewport(firstView(getNodesBounds(getNodes()), width, height));
  }, [measured, onScreen, allAreDrawn, store, getNodes, getNodesBounds, setViewport]);
}

export function Canvas() {
  const { t } = useTranslation("modeling");
  const { experiment, flow, queue } = useModeling();
  const { edit, connect, addBlock, addSnippet, whyNot } = useGestures();
  const { nodes, edges } = useSyncExternalStore(flow.subscribe, flow.getState);
  const { screenToFlowPosition } = useReactFlow();
  const far = useStore((state) => (state.transform[2] < 0.3 ? " names-only" : state.transform[2] < 0.5 ? " plain" : ""));
  const kept = viewports.get(experiment.id);
  const [startsEmpty] = useState(() => (experiment.graph.blocks ?? []).length === 0);
  useFirstView(!kept && !startsEmpty, nodes.length <= RENDER_ALL_UP_TO);

  const onNodesChange = useCallback(
    (changes: NodeChange<BlockNodeType>[]) => {
      flow.change(changes);
      // A drag that ended, or an arrow key: the new places are kept as one edit.
      const places = new Map(changes.flatMap((change) => (change.type === "position" && !change.dragging && change.position ? [[change.id, change.position] as const] : [])));
      if (places.size > 0) edit(moveTo(queue.getState().experiment.graph, rounded(places)));
    },
    [edit, flow, queue],
  );
  const onConnect = useCallback((connection: Connection) => connect(connection.source, connection.target), [connect]);
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, connection: FinalConnectionState) => {
      // Letting go anywhere on a block is as good as on its jack.
      if (connection.isValid || !connection.fromNode) return;
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      const under = point && document.elementFromPoint(point.clientX, point.clientY)?.closest<HTMLElement>(".react-flow__node");
      const id = under?.dataset["id"];
      if (!id || id === connection.fromNode.id) return;
      if (connection.fromHandle?.type === "source") connect(connection.fromNode.id, id);
      else connect(id, connection.fromNode.id);
    },
    [connect],
  );
  const isValid = useCallback((connection: Connection | WireEdgeType) => whyNot(connection.source, connection.target) === null, [whyNot]);
  const onDrop = useCallback(
    (event: DragEvent) => {
      const entry = event.dataTransfer.getData(DRAGGED_ENTRY);
      if (!entry) return;
      event.preventDefault();
      const [what, name = ""] = entry.split("/");
      const place = screenToFlowPosition({ x: event.clientX - 28, y: event.clientY - 26 });
      if (what === "snippet") addSnippet(name, place);
      else addBlock(name, place);
    },
    [addBlock, addSnippet, screenToFlowPosition],
  );
  const words = useMemo(
    () => ({
      "node.a11yDescription.default": t("hint_block"),
      "edge.a11yDescription.default": t("hint_wire"),
      "minimap.ariaLabel": t("minimap"),
    }),
    [t],
  );

  return (
    <ReactFlow<BlockNodeType, WireEdgeType>
      className={`stage-flow${far}`}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={onNodesChange}
      onEdgesChange={(changes) => {
        const pick = changes.find((change) => change.type === "select" && change.selected);
        if (pick && pick.type === "select") flow.pickWire(pick.id);
      }}
      onPaneClick={() => flow.pickNothing()}
      onConnect={onConnect}
      onConnectEnd={onConnectEnd}
      isValidConnection={isValid}
      connectionMode={ConnectionMode.Strict}
      connectionRadius={28}
      connectionLineComponent={ConnectionLine}
      connectOnClick={false}
      deleteKeyCode={null}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={["Control", "Meta", "Shift"]}
      onlyRenderVisibleElements={nodes.length > RENDER_ALL_UP_TO}
      elevateNodesOnSelect={false}
      minZoom={0.15}
      maxZoom={2}
      panOnScroll
      zoomOnDoubleClick={false}
      defaultViewport={kept ?? { x: RAIL_FROM_LEFT, y: TOOLS_HEIGHT + 16, zoom: 1 }}
      onMoveEnd={(_, viewport) => viewports.set(experiment.id, viewport)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAGGED_ENTRY)) event.preventDefault();
      }}
      onDrop={onDrop}
      aria-label={t("canvas")}
      ariaLabelConfig={words}
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={20} size={1.6} color="var(--dot)" />
      {nodes.length > 0 && (
        <MiniMap<BlockNodeType>
          className="mini"
          pannable
          zoomable
          style={{ width: 132, height: 148 }}
          nodeColor={(node) => (node.data.view.problem ? "var(--bad)" : "var(--line-3)")}
          nodeBorderRadius={8}
          maskColor="transparent"
          maskStrokeColor="var(--accent)"
          maskStrokeWidth={1.25}
          bgColor="var(--panel)"
        />
      )}
    </ReactFlow>
  );
}
