/** The wire that hangs on the pointer until it is plugged in. */
import type { ConnectionLineComponentProps } from "@xyflow/react";

import { wirePath } from "@/model/wireGeometry";

export function ConnectionLine({ fromX, fromY, toX, toY, fromHandle }: ConnectionLineComponentProps) {
  const from = { x: fromX, y: fromY };
  const to = { x: toX, y: toY };
  return <path className="dragged-wire" d={fromHandle.type === "source" ? wirePath(from, to) : wirePath(to, from)} />;
}
