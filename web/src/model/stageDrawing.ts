/** The drawing inside an opened body: one bar per unit, height by picture side, an arc per skip connection. */
import type { Stage } from "./document";
import { formatShape } from "./shape";

export type Bar = { x: number; y: number; width: number; height: number; quiet: boolean };
export type StageDrawing = { bars: Bar[]; arcs: string[]; labels: { x: number; name: string; units: number; shape: string }[]; width: number };

/** The line that the bars stand on. */
export const BASE_Y = 50;
const TALLEST = 38;
const BAR_GAP = 6;
const LABEL_CHARACTER = 6.1;

/** Draw stages into `width` pixels; columns share the room by what they hold. */
export function drawStages(stages: readonly Stage[], width: number): StageDrawing {
  const tallest = Math.max(1, ...stages.map((stage) => Math.sqrt(sideOf(stage))));
  const natural = stages.map((stage) => naturalWidth(stage));
  const spare = Math.max(0, width - natural.reduce((sum, item) => sum + item, 0)) / Math.max(1, stages.length);
  const drawing: StageDrawing = { bars: [], arcs: [], labels: [], width };
  let x = 2;
  stages.forEach((stage, index) => {
    const height = Math.max(4, Math.round((Math.sqrt(sideOf(stage)) / tallest) * TALLEST));
    const bar = barWidth(stage);
    for (let unit = 0; unit < stage.units; unit += 1) {
      const left = x + unit * (bar + BAR_GAP);
      drawing.bars.push({ x: left, y: BASE_Y - height, width: bar, height, quiet: !stage.skip });
      if (stage.skip) drawing.arcs.push(`M${left - 2.5} ${BASE_Y - height - 3}q${(bar + 5) / 2} -7 ${bar + 5} 0`);
    }
    drawing.labels.push({ x, name: stage.name, units: stage.units, shape: formatShape(stage.shape) });
    x += (natural[index] ?? 0) + spare;
  });
  return drawing;
}

const sideOf = (stage: Stage): number => (stage.shape.length >= 3 ? (stage.shape[0] ?? 1) : 1);
const channelsOf = (stage: Stage): number => stage.shape.at(-1) ?? 1;

function barWidth(stage: Stage): number {
  return stage.skip ? Math.min(13, Math.max(4, Math.round(2 * Math.log2(channelsOf(stage)) - 10))) : 4;
}

function naturalWidth(stage: Stage): number {
  const drawn = stage.units * (barWidth(stage) + BAR_GAP);
  const words = Math.max(formatShape(stage.shape).length, stage.name.length + (stage.units > 1 ? 4 : 0)) * LABEL_CHARACTER;
  return Math.max(drawn, words) + 8;
}
