/** The inside of an opened body: its stages as bars, its skip connections as arcs, its shapes below. */
import type { Stage } from "@/model/document";
import { BASE_Y, drawStages } from "@/model/stageDrawing";

const WIDTH = 568;

export function BodyDrawing({ stages }: { stages: Stage[] }) {
  const drawing = drawStages(stages, WIDTH);
  return (
    <div className="stages">
      <svg viewBox={`0 0 ${WIDTH} 84`} aria-hidden="true">
        <path d={`M0 ${BASE_Y + 0.5}H${WIDTH}`} stroke="var(--line)" />
        {drawing.bars.map((bar) => (
          <rect key={`${bar.x}`} x={bar.x} y={bar.y} width={bar.width} height={bar.height} rx="1.5" fill="var(--ink)" fillOpacity={bar.quiet ? 0.38 : 0.82} />
        ))}
        {drawing.arcs.map((arc) => (
          <path key={arc} d={arc} fill="none" stroke="var(--accent)" strokeWidth="1.25" />
        ))}
        {drawing.labels.map((label) => (
          <g key={label.x}>
            <text x={label.x} y="66">
              {label.name}
              {label.units > 1 && <tspan className="times"> × {label.units}</tspan>}
            </text>
            <text className="dm" x={label.x} y="80">{label.shape}</text>
          </g>
        ))}
      </svg>
    </div>
  );
}
