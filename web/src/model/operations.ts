/** What a gesture means, as operations of one edit: one step of undo each. */
import { misfit } from "./connect";
import { type Block, blocksOf, type Cards, downstreamOf, findBlock, type GraphDocument, type Operation, type Position, positionOf, type SnippetCard, type Wire, wiresFrom, wiresInto, wiresOf } from "./document";
import { BLOCK_WIDTH, bottomOf, GAP, type Heights } from "./layout";

/** Give a fresh id that says what it names; random, so that two browsers never collide. */
export function freshId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  const random = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${prefix.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 48)}-${random}`;
}

export const addWire = (source: string, target: string): Operation => ({ op: "add_wire", wire: { id: freshId("wire"), source, target } });
export const removeWire = (wire: Wire): Operation => ({ op: "remove_wire", wire_id: wire.id });
export const moveBlock = (id: string, position: Position): Operation => ({ op: "move_block", block_id: id, position: { x: Math.round(position.x), y: Math.round(position.y) } });

/** Connect two blocks; the wire that sat in a single input makes room. Empty when it makes no sense. */
export function connect(graph: GraphDocument, cards: Cards, source: string, target: string): Operation[] {
  if (misfit(graph, cards, source, target)) return [];
  const to = findBlock(graph, target);
  const single = cards.get(to?.kind ?? "")?.inputs !== "many";
  return [...(single ? wiresInto(graph, target).map(removeWire) : []), addWire(source, target)];
}

/** Take blocks and wires away; wires of a removed block go with it. */
export function remove(graph: GraphDocument, blockIds: readonly string[], wireIds: readonly string[]): Operation[] {
  const gone = new Set(blockIds);
  const cut = wiresOf(graph).filter((wire) => wireIds.includes(wire.id) && !gone.has(wire.source) && !gone.has(wire.target));
  return [...cut.map(removeWire), ...blocksOf(graph).filter((block) => gone.has(block.id)).map((block): Operation => ({ op: "remove_block", block_id: block.id }))];
}

/** Where the person is: what a new block leans on. */
export type Focus = { blockIds: readonly string[]; wireId: string | null };
export type Added = { operations: Operation[]; selectId: string };

/** The place under everything, on the rail. */
export function placeBelow(graph: GraphDocument, heights: Heights): Position {
  const blocks = blocksOf(graph);
  if (blocks.length === 0) return { x: 0, y: 0 };
  const lowest = blocks.reduce((a, b) => (bottomOf(a, heights) >= bottomOf(b, heights) ? a : b));
  return { x: positionOf(lowest).x, y: bottomOf(lowest, heights) + GAP };
}

/**
 * Put a new block of `kind` on the canvas.
 *
 * On a chosen wire it goes between the two blocks. After a chosen block it is wired to it: appended when the output
 * is free, inserted when one wire leaves it, a new branch when several do. A chosen block without output (Target)
 * gets it in front. Otherwise it stands alone under everything, or at `at`.
 */
export function addBlock(graph: GraphDocument, cards: Cards, kind: string, focus: Focus, heights: Heights, at?: Position): Added {
  const card = cards.get(kind);
  const params = Object.fromEntries((card?.params ?? []).map((param) => [param.name, param.default]));
  const block: Block = { id: freshId(kind), kind, params, position: at ?? placeBelow(graph, heights) };
  const takes = card?.inputs !== "none";
  const gives = card?.has_output !== false;
  const put = (operations: Operation[]): Added => ({ operations: [{ op: "add_block", block }, ...operations], selectId: block.id });
  if (at || !takes) return put([]);

  const wire = wiresOf(graph).find((item) => item.id === focus.wireId);
  if (wire && gives) return put(insertOn(graph, wire, block, heights));
  const chosen = focus.blockIds.length === 1 ? findBlock(graph, focus.blockIds[0] as string) : undefined;
  if (!chosen) return put([]);

  if (cards.get(chosen.kind)?.has_output === false) {
    if (!gives) return put([]);
    const before = wiresInto(graph, chosen.id)[0];
    if (before) return put(insertOn(graph, before, block, heights));
    const place = positionOf(chosen);
    block.position = { ...place };
    return put([addWire(block.id, chosen.id), moveBlock(chosen.id, { x: place.x, y: place.y + heights.ofNew(block) + GAP })]);
  }
  const after = wiresFrom(graph, chosen.id);
  const next = after[0];
  if (after.length === 1 && next && gives) return put(insertOn(graph, next, block, heights));
  const below = { x: positionOf(chosen).x, y: bottomOf(chosen, heights) + GAP };
  block.position = isFree(graph, below, heights) ? below : placeBelow(graph, heights);
  return put([addWire(chosen.id, block.id)]);
}

function isFree(graph: GraphDocument, place: Position, heights: Heights): boolean {
  return !blocksOf(graph).some((block) => {
    const { x, y } = positionOf(block);
    return Math.abs(x - place.x) < BLOCK_WIDTH && y < place.y + 52 + GAP / 2 && bottomOf(block, heights) > place.y - GAP / 2;
  });
}

/** Insert on a wire: under its source, and what comes after makes room only as far as it must. */
function insertOn(graph: GraphDocument, wire: Wire, block: Block, heights: Heights): Operation[] {
  const source = findBlock(graph, wire.source);
  const target = findBlock(graph, wire.target);
  const at = wiresOf(graph).indexOf(wire);
  const rewire: Operation[] = [
    removeWire(wire),
    // The place in the list of wires is the order of the inputs of a merging block.
    { op: "add_wire", wire: { id: freshId("wire"), source: block.id, target: wire.target }, at },
    addWire(wire.source, block.id),
  ];
  if (!source || !target) return rewire;
  block.position = { x: positionOf(source).x, y: bottomOf(source, heights) + GAP };
  const needed = block.position.y + heights.ofNew(block) + GAP - positionOf(target).y;
  if (needed <= 0 || positionOf(target).y < positionOf(source).y) return rewire;
  const later = downstreamOf(graph, source.id);
  const below = blocksOf(graph).filter((item) => later.has(item.id) && positionOf(item).y >= positionOf(target).y);
  return [...rewire, ...below.map((item) => moveBlock(item.id, { x: positionOf(item).x, y: positionOf(item).y + needed }))];
}

/** Add a snippet under everything (or at a place) with fresh ids; its first block is chosen next. */
export function addSnippet(graph: GraphDocument, snippet: SnippetCard, heights: Heights, at?: Position): Added {
  const blocks = blocksOf(snippet.graph);
  const origin = at ?? placeBelow(graph, heights);
  const left = Math.min(...blocks.map((block) => positionOf(block).x));
  const top = Math.min(...blocks.map((block) => positionOf(block).y));
  const ids = new Map(blocks.map((block) => [block.id, freshId(block.kind)]));
  const operations: Operation[] = blocks.map((block) => ({
    op: "add_block",
    block: { ...block, id: ids.get(block.id) as string, position: { x: origin.x + positionOf(block).x - left, y: origin.y + positionOf(block).y - top } },
  }));
  for (const wire of wiresOf(snippet.graph)) operations.push(addWire(ids.get(wire.source) as string, ids.get(wire.target) as string));
  const first = blocks.reduce((a, b) => (positionOf(b).y < positionOf(a).y ? b : a));
  return { operations, selectId: ids.get(first.id) as string };
}

/** Move a block one place up or down its chain: it changes places with its only neighbour. */
export function swapWithNext(graph: GraphDocument, id: string, heights: Heights): Operation[] {
  const between = wiresFrom(graph, id);
  const nextId = between[0]?.target;
  if (between.length !== 1 || !nextId || wiresInto(graph, nextId).length !== 1) return [];
  const block = findBlock(graph, id);
  const next = findBlock(graph, nextId);
  if (!block || !next) return [];
  const before = wiresInto(graph, id);
  const after = wiresFrom(graph, nextId);
  const place = positionOf(block);
  return [
    ...before.map(removeWire),
    ...between.map(removeWire),
    ...after.map(removeWire),
    ...before.map((wire) => addWire(wire.source, nextId)),
    addWire(nextId, id),
    ...after.map((wire): Operation => ({ op: "add_wire", wire: { id: freshId("wire"), source: id, target: wire.target } })),
    moveBlock(nextId, place),
    moveBlock(id, { x: positionOf(next).x, y: place.y + heights.of(next) + GAP }),
  ];
}

/** Every place that a tidy layout changes, as one edit. */
export function moveTo(graph: GraphDocument, places: ReadonlyMap<string, Position>): Operation[] {
  return blocksOf(graph).flatMap((block) => {
    const place = places.get(block.id);
    const now = positionOf(block);
    return place && (place.x !== now.x || place.y !== now.y) ? [moveBlock(block.id, place)] : [];
  });
}

