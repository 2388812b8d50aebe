/** The drawing of a waveform from its lowest and highest sample per column. */

/** Silence is still a line. */
const HALF_LINE = 0.004;

/** A closed outline: the highest samples from left to right, the lowest back. */
export function outline(waveform: readonly (readonly number[])[]): string {
  if (!waveform.length) return "";
  const highest = Math.max(1, ...waveform.flat().map(Math.abs)); // normalised clips go beyond full scale
  const y = (value: number | undefined) => (1 - (value ?? 0) / highest).toFixed(3);
  const above = waveform.map((pair, x) => `${x + 0.5} ${y((pair[1] ?? 0) + HALF_LINE)}`);
  const below = waveform.map((pair, x) => `${x + 0.5} ${y((pair[0] ?? 0) - HALF_LINE)}`).reverse();
  return `M${above.join("L")}L${below.join("L")}Z`;
}
