/** The mark of a run: a shape in its series colour, the same in lists, legends, charts and tables. */
import type { MarkerShape, RunStyle } from "./series";

const OUTLINES: Record<MarkerShape, string> = {
  circle: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
  square: "M-3.2 -3.2h6.4v6.4h-6.4z",
  triangle: "M0 -4.2l4.2 7.2h-8.4z",
  diamond: "M0 -4.4l4.4 4.4l-4.4 4.4l-4.4 -4.4z",
  plus: "M-1.3 -4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",
  cross: "M-3.7 -1.9l1.8 -1.8l1.9 1.9l1.9 -1.9l1.8 1.8l-1.9 1.9l1.9 1.9l-1.8 1.8l-1.9 -1.9l-1.9 1.9l-1.8 -1.8l1.9 -1.9z",
};

/** The shape alone, for use inside a drawing; its middle is at (x, y). */
export function MarkerShapeAt({ x, y, style }: { x: number; y: number; style: RunStyle }) {
  return <path d={OUTLINES[style.marker]} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`} fill={`var(${style.color})`} stroke="var(--surface)" strokeWidth="1.5" paintOrder="stroke" />;
}

export function RunMarker({ style, size = 12 }: { style: RunStyle; size?: number }) {
  return (
    <svg className="run-marker" viewBox="0 0 12 12" width={size} height={size} aria-hidden="true">
      <MarkerShapeAt x={6} y={6} style={style} />
    </svg>
  );
}
