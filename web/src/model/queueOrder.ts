/** The order of a queue after one of its members was moved. */

/** Give `ids` with one of them at another place, the others in their order; what is not there moves nothing. */
export function moved(ids: readonly string[], id: string, place: number): string[] {
  if (!ids.includes(id)) return [...ids];
  const others = ids.filter((each) => each !== id);
  const at = Math.max(0, Math.min(place, others.length));
  return [...others.slice(0, at), id, ...others.slice(at)];
}
