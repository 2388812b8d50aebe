/** The title of the browser's tab: a view's words win over its frame's. */
import { useEffect } from "react";

type Place = "frame" | "view";

const words: Record<Place, string> = { frame: "", view: "" };

function show(): void {
  document.title = [words.view || words.frame, "Blockwright"].filter(Boolean).join(" · ");
}

/** Show `title` while mounted, e.g. "65 %, 1 h 50 min left · Experiment v3"; the product's name is added. */
export function usePageTitle(title: string, place: Place = "view"): void {
  useEffect(() => {
    words[place] = title;
    show();
    return () => {
      words[place] = "";
      show();
    };
  }, [title, place]);
}
