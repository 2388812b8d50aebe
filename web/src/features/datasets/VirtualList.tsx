/** A list of any length: only the lines in sight are drawn. */
import { type ReactNode, useRef, useState } from "react";

import { rowSpan } from "./tableWindow";

const SPARE_LINES = 6;

export function VirtualList({ label, count, linePx, heightPx, children }: { label: string; count: number; linePx: number; heightPx: number; children: (place: number) => ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [topPx, setTopPx] = useState(0);
  const { first, end } = rowSpan(Math.min(topPx, Math.max(0, count * linePx - heightPx)), heightPx, linePx, count, SPARE_LINES);
  return (
    <div className="dt-list" ref={box} style={{ height: heightPx }} onScroll={(event) => setTopPx(event.currentTarget.scrollTop)} tabIndex={0} role="group" aria-label={label}>
      <ul style={{ height: count * linePx }}>
        {Array.from({ length: end - first }, (_, nth) => first + nth).map((place) => <li key={place} aria-setsize={count} aria-posinset={place + 1} style={{ height: linePx, top: place * linePx }}>{children(place)}</li>)}
      </ul>
    </div>
  );
}
