/** Where a table has been scrolled to, also one that is higher than a browser can make an element. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { barTopOf, clampedTop, isMapped, type ScrollMap, topOf } from "./tableWindow";

const TOUCH_RESTS_MS = 200;
const LINE_PX = 34;

type Place = { topPx: number; barTopPx: number; leftPx: number };

/** `topPx` is the place in the table, `barTopPx` the scrollbar's; rows are drawn at `barTopPx - topPx` from their own place. */
export function useRowScroll(ref: RefObject<HTMLDivElement | null>, map: ScrollMap) {
  const [place, setPlace] = useState<Place>({ topPx: 0, barTopPx: 0, leftPx: 0 });
  const now = useRef(place);
  const latest = useRef(map);
  const touched = useRef(false);
  useLayoutEffect(() => {
    latest.current = map;
  }, [map]);
  const put = useCallback((next: Place) => {
    now.current = next;
    setPlace(next);
  }, []);

  const moveTo = useCallback((topPx: number) => {
    const element = ref.current;
    if (!element) return;
    const top = clampedTop(latest.current, topPx);
    const bar = barTopOf(latest.current, top);
    put({ ...now.current, topPx: top, barTopPx: bar });
    element.scrollTop = bar;
    // The browser rounds; the table keeps the exact place.
    put({ ...now.current, topPx: top, barTopPx: element.scrollTop });
  }, [ref, put]);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let rests: ReturnType<typeof setTimeout> | undefined;
    const onScroll = () => {
      const bar = element.scrollTop;
      const before = now.current;
      const moved = bar - before.barTopPx;
      if (!isMapped(latest.current)) return put({ topPx: bar, barTopPx: bar, leftPx: element.scrollLeft });
      if (Math.abs(moved) < 0.5) return put({ ...before, leftPx: element.scrollLeft });
      const atEnd = bar <= 0 || bar >= latest.current.barPx - latest.current.viewPx - 1;
      const top = touched.current && !atEnd ? clampedTop(latest.current, before.topPx + moved) : topOf(latest.current, bar);
      put({ topPx: top, barTopPx: bar, leftPx: element.scrollLeft });
      if (!touched.current) return;
      clearTimeout(rests);
      rests = setTimeout(() => {
        touched.current = false;
        moveTo(now.current.topPx);
      }, TOUCH_RESTS_MS);
    };
    const onTouch = () => {
      touched.current = true;
    };
    const onWheel = (event: WheelEvent) => {
      if (!isMapped(latest.current) || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? latest.current.viewPx : 1;
      element.scrollLeft += event.deltaX * unit;
      moveTo(now.current.topPx + event.deltaY * unit);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("touchstart", onTouch, { passive: true });
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      clearTimeout(rests);
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("touchstart", onTouch);
      element.removeEventListener("wheel", onWheel);
    };
  }, [ref, put, moveTo]);
  return { ...place, moveTo };
}
