/** A curve in 72 × 20 pixels, over its own range. */
const WIDTH = 72;
const HEIGHT = 20;
const EDGE = 3;

export function Spark({ values, live }: { values: number[]; live: boolean }) {
  if (values.length === 0) return null;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const x = (place: number) => EDGE + (values.length > 1 ? place / (values.length - 1) : 0) * (WIDTH - 2 * EDGE);
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
  const path = values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const last = values.length - 1;
  const ink = live ? "var(--accent)" : "var(--text-3)";
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--line)" />
      <path d={path} fill="none" stroke={ink} strokeWidth="1.5" strokeLinejoin="round" />
      <circle cx={x(last)} cy={y(values[last] as number)} r="2" fill={ink} />
    </svg>
  );
}
