/** What was just changed, for a while, with the way back; or why it could not be. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Edits } from "./featureEdits";

const SHOWN_MS = 10_000;

/** `quiet`: the place that was changed tells itself what went wrong. */
export function EditNote({ edits, quiet }: { edits: Edits; quiet: boolean }) {
  const { t } = useTranslation("datasets");
  const { done, error, forget } = edits;
  useEffect(() => {
    if (!done) return;
    const later = setTimeout(forget, SHOWN_MS);
    return () => clearTimeout(later);
    // `forget` is new at every render; the note lives as long as what it tells.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [done]);
  if (error && !quiet) return <div className="dt-note"><ErrorNote error={error} /></div>;
  if (!done) return null;
  return (
    <div className="dt-note" role="status">
      <p className="note"><Icon name="check" /><span className="sp">{done.words}</span>{edits.canTakeBack ? <button type="button" className="btn sm" onClick={edits.undo}>{t("undo")}</button> : null}</p>
    </div>
  );
}
