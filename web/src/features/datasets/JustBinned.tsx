/** What was just moved to the bin, for a while and as long as it lies there, with the way back. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import { type Thing, thingsIn, useBin, useRestore } from "./bin";

const SHOWN_MS = 20_000;

type Props = { projectId: string; things: readonly Pick<Thing, "id" | "kind">[]; onGone: () => void };

export function JustBinned({ projectId, things, onGone }: Props) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const ids = things.map((each) => each.id);
  const found = thingsIn(useBin(projectId).data ?? [], panels).filter((each) => ids.includes(each.id));
  const restore = useRestore(projectId);
  useEffect(() => {
    const later = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(later);
    // `onGone` is new at every render; the note lives as long as what it tells.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ids.join()]);
  const [first] = found;
  if (!first) return null;
  const words = found.length === 1 ? t("binned", { name: first.name }) : t("binnedSeveral", { count: found.length });
  return (
    <div role="status">
      <p className="note"><Icon name="bin" /><span className="sp">{words}</span><button type="button" className="btn sm" disabled={restore.isPending} onClick={() => restore.mutate(found, { onSuccess: onGone })}>{t("undo")}</button></p>
      <ErrorNote error={restore.error} />
    </div>
  );
}
