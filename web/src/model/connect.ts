/** Whether one block's output may go into another's input, and why not. */
import { type Cards, downstreamOf, findBlock, type GraphDocument, wiresOf } from "./document";

export type Misfit = "same_block" | "no_output" | "no_input" | "cycle" | "already_connected" | "unknown_block";

/** Give null when a wire from `source` to `target` makes sense, else the reason why not. */
export function misfit(graph: GraphDocument, cards: Cards, source: string, target: string): Misfit | null {
  const from = findBlock(graph, source);
  const to = findBlock(graph, target);
  if (!from || !to) return "unknown_block";
  if (source === target) return "same_block";
  if (cards.get(from.kind)?.has_output === false) return "no_output";
  if (cards.get(to.kind)?.inputs === "none") return "no_input";
  if (wiresOf(graph).some((wire) => wire.source === source && wire.target === target)) return "already_connected";
  if (downstreamOf(graph, target).has(source)) return "cycle";
  return null;
}
