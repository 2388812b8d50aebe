/** The graph document and what can be asked of it; the types come from the API. */
import type { Schemas } from "@/api/client";

export type Block = Schemas["Block"];
export type Wire = Schemas["Wire"];
export type GraphDocument = Schemas["GraphDocument"];
export type Position = Schemas["Position"];
export type Settings = Schemas["ExperimentSettings"];
export type Experiment = Schemas["Experiment"];
export type Analysis = Schemas["GraphAnalysis"];
export type GraphProblem = Schemas["GraphProblem"];
export type Stage = Schemas["Stage"];
export type Catalogue = Schemas["Catalogue"];
export type BlockCard = Schemas["BlockCard"];
export type ParameterCard = Schemas["ParameterCard"];
export type SnippetCard = Schemas["SnippetCard"];
export type DataSchema = Schemas["DataSchema"];
export type Edit = Schemas["Edit"];
export type Operation = Edit["operations"][number];
export type ParamValue = Schemas["SetParam"]["value"];
export type Localized = Schemas["LocalizedText"];

/** Values of a setting that switch it off. */
const OFF = new Set<unknown>([0, false, null, undefined, "", "none", "off"]);

/** Whether a setting changes anything beside the others: Momentum does nothing without SGD. */
export function hasEffect(card: ParameterCard, settings: Settings, cards: readonly ParameterCard[]): boolean {
  const needed = card.only_with;
  if (!needed) return true;
  const value = settings[needed.name as keyof Settings];
  const given = needed.values.length > 0 ? needed.values.includes(String(value)) : !OFF.has(value);
  const other = cards.find((item) => item.name === needed.name);
  return given && (!other || hasEffect(other, settings, cards));
}

/** The cards by kind, for quick look-up. */
export type Cards = ReadonlyMap<string, BlockCard>;

export const cardsByKind = (catalogue: Catalogue | undefined): Cards => new Map((catalogue?.blocks ?? []).map((card) => [card.kind, card]));

export const blocksOf = (graph: GraphDocument): Block[] => graph.blocks ?? [];
export const wiresOf = (graph: GraphDocument): Wire[] => graph.wires ?? [];
export const positionOf = (block: Block): Position => block.position ?? { x: 0, y: 0 };

export const findBlock = (graph: GraphDocument, id: string): Block | undefined => blocksOf(graph).find((block) => block.id === id);
export const wiresInto = (graph: GraphDocument, id: string): Wire[] => wiresOf(graph).filter((wire) => wire.target === id);
export const wiresFrom = (graph: GraphDocument, id: string): Wire[] => wiresOf(graph).filter((wire) => wire.source === id);

/** Every block that `id` leads to, without itself. */
export function downstreamOf(graph: GraphDocument, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  while (open.length > 0) {
    const next = open.pop() as string;
    for (const wire of wiresFrom(graph, next)) {
      if (!found.has(wire.target)) {
        found.add(wire.target);
        open.push(wire.target);
      }
    }
  }
  return found;
}

/**
 * Blocks from inputs to targets; among equals the higher one first. Blocks of a cycle come last, top to bottom,
 * so that every block is always listed.
 */
export function readingOrder(graph: GraphDocument): Block[] {
  const byPlace = (a: Block, b: Block) => positionOf(a).y - positionOf(b).y || positionOf(a).x - positionOf(b).x;
  const waiting = new Map(blocksOf(graph).map((block) => [block.id, wiresInto(graph, block.id).filter((wire) => findBlock(graph, wire.source)).length]));
  const order: Block[] = [];
  let left = [...blocksOf(graph)].sort(byPlace);
  while (left.length > 0) {
    // Going on along the chain just listed keeps a branch together.
    const last = order.at(-1);
    const followers = new Set(last ? wiresFrom(graph, last.id).map((wire) => wire.target) : []);
    const ready = left.filter((block) => (waiting.get(block.id) ?? 0) <= 0);
    const next = ready.find((block) => followers.has(block.id)) ?? ready[0] ?? left[0];
    if (!next) break;
    order.push(next);
    left = left.filter((block) => block !== next);
    for (const wire of wiresFrom(graph, next.id)) waiting.set(wire.target, (waiting.get(wire.target) ?? 1) - 1);
  }
  return order;
}

/** Which of several blocks of one kind this is, in reading order: 1 for the first. */
export function ordinals(graph: GraphDocument): Map<string, number> {
  const seen = new Map<string, number>();
  const result = new Map<string, number>();
  for (const block of readingOrder(graph)) {
    const number = (seen.get(block.kind) ?? 0) + 1;
    seen.set(block.kind, number);
    result.set(block.id, number);
  }
  return result;
}
