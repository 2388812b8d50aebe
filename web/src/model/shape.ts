/** Shapes as people read and type them. A shape never includes the row axis. */

/** Draw a shape: 256 × 256 × 1. A scalar (no axes) is drawn as 1. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "1" : shape.join(" × ");
}

/** Write a shape as a tuple: (256, 256, 1). */
export function formatTuple(shape: readonly number[]): string {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

/**
 * Read a shape that a person typed: `256 × 256 × 1`, `256x256x1`, `(256, 256, 1)`, `256,256,1` or `256 256 1`.
 * Gives null when it is no list of positive whole numbers.
 */
export function parseShape(text: string): number[] | null {
  const bare = text.trim().replace(/^[([]\s*/, "").replace(/\s*,?\s*[)\]]$/, "");
  const parts = bare.split(/\s*[×x*,，、]\s*|\s+/i);
  const axes = parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : Number.NaN));
  return axes.length > 0 && axes.every((axis) => Number.isInteger(axis) && axis > 0) ? axes : null;
}

/** Group digits: 1049088 → 1,049,088. The same in both languages of the studio. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Short count for narrow places: 23.6 M, 570 k. */
export function formatShortCount(count: number): string {
  if (count >= 1_000_000) return `${(count / 1_000_000).toFixed(count >= 10_000_000 ? 1 : 2)} M`;
  if (count >= 10_000) return `${Math.round(count / 1_000)} k`;
  return formatCount(count);
}
