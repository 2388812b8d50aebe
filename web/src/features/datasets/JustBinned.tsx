/** What was just moved to the bin, for a while and as long as it lies there, with the way back. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import { type Thing, thingsIn, useBin, useRestore } from "./bin";

const SHOWN_MS = 20_000;

export function JustBinned({ projectId, thing, onGone }: { projectId: string; thing: Pick<Thing, "id" | "kind">; onGone: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const found = thingsIn(useBin(projectId).data ?? [], panels).find((each) => each.id === thing.id);
  const restore = useRestore(projectId);
  useEffect(() => {
    const later = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(later);
    // `onGone` is new at every render; the note lives as long as what it tells.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [thing.id]);
  if (!found) return null;
  return (
    <div role="status">
      <p className="note"><Icon name="bin" /><span className="sp">{t("binned", { name: found.name })}</span><button type="button" className="btn sm" disabled={restore.isPending} onClick={() => restore.mutate(thing, { onSuccess: onGone })}>{t("undo")}</button></p>
      <ErrorNote error={restore.error} />
    </div>
  );
}
