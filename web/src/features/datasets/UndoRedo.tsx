/** One step back and forth through the changes of a draft; by keys too, wherever nothing is being typed. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import type { Version } from "./columns";
import { stepWords } from "./draftSteps";
import { useEdits } from "./featureEdits";

export function UndoRedo({ version }: { version: Version }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  useStepKeys(edits);
  const button = (way: "undo" | "redo", keys: string) => {
    const step = version[way];
    const words = step ? t(way === "undo" ? "undoNamed" : "redoNamed", { what: stepWords(step, t) }) : t(way === "undo" ? "undoNone" : "redoNone");
    return <button type="button" className="btn quiet icon" aria-label={words} title={`${words} (${keys})`} disabled={!step} onClick={edits[way]}><Icon name={way} /></button>;
  };
  return <span className="row">{button("undo", "Ctrl+Z")}{button("redo", "Ctrl+Shift+Z")}</span>;
}

/** Where keys belong to what is being typed or chosen; the drawers beside the table are no dialogs of their own. */
const OCCUPIED = "input:not([readonly]):not([type=checkbox]):not([type=radio]), textarea, [contenteditable=true], [role=menu], [role=listbox], [role=dialog]:not(.dt-drawer-box)";

function useStepKeys(steps: { undo: () => void; redo: () => void }): void {
  const newest = useRef(steps);
  useEffect(() => { newest.current = steps; });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const isStep = (event.ctrlKey || event.metaKey) && !event.altKey && (key === "z" || key === "y");
      if (!isStep || event.defaultPrevented || (event.target instanceof Element && event.target.closest(OCCUPIED))) return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) newest.current.redo();
      else newest.current.undo();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
