/** The frame that every chart of this view has: margins, grid lines, axis words, and what is at its edges. */
import { type ReactNode, useId } from "react";

import { axisNumber } from "@/ui/measures";

import type { RunStyle } from "./series";

export const LEFT = 40;
export const RIGHT = 64;
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

/** Lines end at the edge of the plot where they leave it. */
export function ClippedToPlot({ scale, children }: { scale: Scale; children: ReactNode }) {
  const id = useId();
  return (
    <>
      <clipPath id={id}><rect x={LEFT - 2} y={TOP - 2} width={Math.max(0, scale.width - LEFT - RIGHT + 4)} height={Math.max(0, scale.height - TOP - BOTTOM + 4)} /></clipPath>
      <g clipPath={`url(#${id})`}>{children}</g>
    </>
  );
}

/** At the edge of the plot: here a line is further out than the axis reaches. */
export function FarMark({ x, scale, below, style }: { x: number; scale: Scale; below: boolean; style: RunStyle }) {
  const y = below ? scale.height - BOTTOM : TOP;
  const out = below ? 5 : -5;
  return <path d={`M${x - 4} ${y}L${x} ${y + out}L${x + 4} ${y}`} fill="none" stroke={`var(${style.color})`} strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />;
}
