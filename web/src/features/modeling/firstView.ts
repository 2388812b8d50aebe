/** Where an opened model is looked at from. */
import { getViewportForBounds, type Rect, type Viewport } from "@xyflow/react";

import { FIT, TOOLS_HEIGHT } from "./CanvasTools";

/** Below this zoom the parameters of a block are hard to read. */
export const READABLE_ZOOM = 0.7;
const MARGIN = 32;

/** The whole model where it can be read so, else its beginning; sizes in pixels of the screen. */
export function firstView(model: Rect, width: number, height: number): Viewport {
  const whole = getViewportForBounds(model, width, height, FIT.minZoom, FIT.maxZoom, FIT.padding);
  if (whole.zoom >= READABLE_ZOOM) return whole;
  const zoom = READABLE_ZOOM;
  const centred = (width - model.width * zoom) / 2;
  return { x: Math.max(MARGIN, centred) - model.x * zoom, y: TOOLS_HEIGHT + 8 - model.y * zoom, zoom };
}
