/** Keys that work wherever the cursor is, except while typing. */
import { useEffect } from "react";

import type { EditQueue } from "@/model/editQueue";

import type { Flow } from "./flow";
import type { Gestures } from "./ModelingContext";

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target.isContentEditable || target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;
}

export function useShortcuts(queue: EditQueue, gestures: Gestures, flow: Flow, onSearch: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && !event.altKey && (key === "z" || key === "y")) {
        event.preventDefault();
        if (key === "y" || event.shiftKey) queue.redo();
        else queue.undo();
      } else if (key === "backspace" || key === "delete") {
        const { blockIds, wireId } = flow.getFocus();
        // A key held down must not eat a whole chain.
        if (event.repeat || (blockIds.length === 0 && !wireId)) return;
        event.preventDefault();
        gestures.removePicked();
      } else if (key === "/" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        onSearch();
      } else if (key === "escape") {
        flow.pickNothing();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [queue, gestures, flow, onSearch]);
}
