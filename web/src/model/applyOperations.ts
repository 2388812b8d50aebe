/** Carry out operations on a document, so that the canvas answers before the server does. */
import { blocksOf, type GraphDocument, type Operation, type Settings, wiresOf } from "./document";

export type EditedState = { graph: GraphDocument; settings: Settings };

/** Give the state after the operations. One that no longer fits changes nothing: the server judges it. */
export function applyOperations(state: EditedState, operations: readonly Operation[]): EditedState {
  return operations.reduce(applyOne, state);
}

function applyOne(state: EditedState, operation: Operation): EditedState {
  if (operation.op === "set_setting") return { ...state, settings: { ...state.settings, [operation.name]: operation.value } };
  return { ...state, graph: applyToGraph(state.graph, operation) };
}

function applyToGraph(graph: GraphDocument, operation: Exclude<Operation, { op: "set_setting" }>): GraphDocument {
  const blocks = blocksOf(graph);
  const wires = wiresOf(graph);
  switch (operation.op) {
    case "add_block":
      return blocks.some((block) => block.id === operation.block.id) ? graph : { ...graph, blocks: blocks.toSpliced(operation.at ?? blocks.length, 0, operation.block) };
    case "remove_block":
      return {
        ...graph,
        blocks: blocks.filter((block) => block.id !== operation.block_id),
        wires: wires.filter((wire) => wire.source !== operation.block_id && wire.target !== operation.block_id),
      };
    case "add_wire":
      return wires.some((wire) => wire.id === operation.wire.id) ? graph : { ...graph, wires: wires.toSpliced(operation.at ?? wires.length, 0, operation.wire) };
    case "remove_wire":
      return { ...graph, wires: wires.filter((wire) => wire.id !== operation.wire_id) };
    case "set_param":
      return { ...graph, blocks: blocks.map((block) => (block.id === operation.block_id ? { ...block, params: { ...block.params, [operation.name]: operation.value } } : block)) };
    case "move_block":
      return { ...graph, blocks: blocks.map((block) => (block.id === operation.block_id ? { ...block, position: operation.position } : block)) };
  }
}
