/** The order of a queue after one of its members was moved, or has left. */

type Waiting = { job_id: string; place?: number | null };

/** Give `ids` with one of them at another place, the others in their order; what is not there moves nothing. */
export function moved(ids: readonly string[], id: string, place: number): string[] {
  if (!ids.includes(id)) return [...ids];
  const others = ids.filter((each) => each !== id);
  const at = Math.max(0, Math.min(place, others.length));
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** Put those that wait in the order of `ids`; the places that they hold are dealt out anew. */
export function inOrder<Run extends Waiting>(waiting: readonly Run[], ids: readonly string[]): Run[] {
  const places = waiting.map((run) => run.place ?? null);
  const ordered = ids.flatMap((id) => waiting.filter((run) => run.job_id === id));
  return ordered.map((run, at) => ({ ...run, place: places[at] ?? null }));
}

/** Leave out those that go; who stood behind one moves up by a place. */
export function without<Run extends Waiting>(waiting: readonly Run[], leaving: ReadonlySet<string>): Run[] {
  let gone = 0;
  return waiting.flatMap((run) => {
    if (leaving.has(run.job_id)) {
      gone += 1;
      return [];
    }
    return [gone && run.place ? { ...run, place: run.place - gone } : run];
  });
}
