/** What the canvas shows: nodes and edges for the drawing library, and what the person picked. */
import { applyNodeChanges, type Edge, type Node, type NodeChange } from "@xyflow/react";

import type { BlockView, WireView } from "@/model/blockView";
import type { Focus } from "@/model/operations";
import type { Position } from "@/model/document";

export type BlockNodeType = Node<{ view: BlockView }, "block">;
export type WireEdgeType = Edge<{ view: WireView }, "wire">;
export type FlowState = { nodes: BlockNodeType[]; edges: WireEdgeType[]; focus: Focus };

const NOTHING: Focus = { blockIds: [], wireId: null };

export type FlowWords = { blockRole: string; wireRole: string; wireName: (view: WireView) => string };

/** Keeps node objects as long as nothing about them changed, so that only changed blocks are drawn again. */
export class Flow {
  private state: FlowState = { nodes: [], edges: [], focus: NOTHING };
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): FlowState => this.state;
  readonly getFocus = (): Focus => this.state.focus;

  /** Show these blocks and wires; what was picked stays picked while it exists. */
  show(blocks: readonly BlockView[], places: ReadonlyMap<string, Position>, wires: readonly WireView[], words: FlowWords): void {
    const earlier = new Map(this.state.nodes.map((node) => [node.id, node]));
    const nodes = blocks.map((view): BlockNodeType => {
      const place = places.get(view.id) ?? { x: 0, y: 0 };
      const before = earlier.get(view.id);
      const position = before?.dragging ? before.position : place;
      const selected = this.state.focus.blockIds.includes(view.id);
      if (before && before.data.view === view && samePlace(before.position, position) && before.selected === selected && before.domAttributes?.["aria-roledescription"] === words.blockRole) return before;
      return {
        ...before,
        id: view.id,
        type: "block",
        position,
        selected,
        data: { view },
        ariaLabel: view.name,
        ariaRole: "group",
        domAttributes: { "aria-roledescription": words.blockRole },
      };
    });
    const ids = new Set(blocks.map((view) => view.id));
    const blockIds = this.state.focus.blockIds.filter((id) => ids.has(id));
    const wireId = wires.some((wire) => wire.id === this.state.focus.wireId) ? this.state.focus.wireId : null;
    this.publish({ nodes, focus: { blockIds, wireId }, edges: this.edgesOf(wires, wireId, words) });
  }

  private edgesOf(wires: readonly WireView[], wireId: string | null, words: FlowWords): WireEdgeType[] {
    const earlier = new Map(this.state.edges.map((edge) => [edge.id, edge]));
    return wires.map((view): WireEdgeType => {
      const before = earlier.get(view.id);
      const selected = view.id === wireId;
      const ariaLabel = words.wireName(view);
      if (before && before.data?.view === view && before.selected === selected && before.ariaLabel === ariaLabel) return before;
      return { id: view.id, type: "wire", source: view.source, target: view.target, data: { view }, selected, ariaLabel, domAttributes: { "aria-roledescription": words.wireRole } };
    });
  }

  /** Take in what the drawing library measured, dragged or picked. */
  change(changes: NodeChange<BlockNodeType>[]): void {
    const kept = changes.filter((change) => change.type !== "remove" && change.type !== "select");
    const picks = changes.filter((change) => change.type === "select");
    if (kept.length > 0) this.publish({ nodes: applyNodeChanges(kept, this.state.nodes) });
    if (picks.length > 0) {
      const picked = new Set(this.state.focus.blockIds);
      for (const pick of picks) {
        if (pick.selected) picked.add(pick.id);
        else picked.delete(pick.id);
      }
      this.pick({ blockIds: [...picked], wireId: picked.size > 0 ? null : this.state.focus.wireId });
    }
  }

  pick(focus: Focus): void {
    const nodes = this.state.nodes.map((node) => {
      const selected = focus.blockIds.includes(node.id);
      return (node.selected ?? false) === selected ? node : { ...node, selected };
    });
    const edges = this.state.edges.map((edge) => {
      const selected = edge.id === focus.wireId;
      return (edge.selected ?? false) === selected ? edge : { ...edge, selected };
    });
    this.publish({ nodes, edges, focus });
  }

  pickBlock(id: string): void {
    this.pick({ blockIds: [id], wireId: null });
  }

  pickWire(id: string): void {
    this.pick({ blockIds: [], wireId: id });
  }

  pickNothing(): void {
    this.pick(NOTHING);
  }

  private publish(change: Partial<FlowState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

const samePlace = (a: Position, b: Position): boolean => a.x === b.x && a.y === b.y;
