/** The frame that every chart of this view has: margins, grid lines, axis words. */
import { axisNumber } from "@/ui/measures";

export const LEFT = 40;
export const RIGHT = 56;
export const TOP = 8;
export const BOTTOM = 22;

export type Scale = { x: (epoch: number) => number; y: (value: number) => number; width: number; height: number };

type AxisLinesProps = { scale: Scale; valueTicks: readonly number[]; epochTicks: readonly number[]; decimals: number; word: string };

export function AxisLines({ scale, valueTicks, epochTicks, decimals, word }: AxisLinesProps) {
  return (
    <>
      {valueTicks.map((tick) => (
        <g key={tick}>
          <path d={`M${LEFT} ${scale.y(tick)}H${scale.width - RIGHT}`} stroke="var(--line)" />
          <text className="ev-axis" x={LEFT - 8} y={scale.y(tick) + 4} textAnchor="end">{axisNumber(tick, decimals)}</text>
        </g>
      ))}
      {epochTicks.map((tick) => (
        <text key={tick} className="ev-axis" x={scale.x(tick)} y={scale.height - 6} textAnchor="middle">{tick}</text>
      ))}
      <text className="ev-axis" x={scale.width - 4} y={scale.height - 6} textAnchor="end">{word}</text>
    </>
  );
}
