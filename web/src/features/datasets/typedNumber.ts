/** What is typed into the box of a number: what counts at once, and what stands there when the box is left. */

export type Range = { min?: number; max?: number };

const within = (value: number, { min = -Infinity, max = Infinity }: Range): number => Math.min(max, Math.max(min, value));

/** The number that the typed characters are; null for what is none yet: "", "-". */
export function numberIn(typed: string | number): number | null {
  const value = typeof typed === "number" ? typed : typed.trim() === "" ? NaN : Number(typed);
  return Number.isFinite(value) ? value : null;
}

/** Whether a number counts while it is still being typed: "25" on the way to "256" does not if 32 is the least. */
export const countsAlready = (typed: string | number, range: Range): boolean => {
  const value = numberIn(typed);
  return value !== null && value === within(value, range);
};

/** The number that stays when the box is left, and the one that was typed if the range moved it. */
export function settled(typed: string | number, before: number, range: Range): { value: number; moved: number | null } {
  const value = numberIn(typed);
  if (value === null) return { value: before, moved: null };
  const kept = within(value, range);
  return { value: kept, moved: kept === value ? null : value };
}
