/** The buttons that run a failed run again with what its advice says; the new run is shown at once. */
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { useLost } from "@/api/events";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Remedy } from "./remedies";
import type { useFollowUpRun } from "./runActions";

type Props = { runId: string; offers: readonly Remedy[]; follow: ReturnType<typeof useFollowUpRun> };

export function RemedyButtons({ runId, offers, follow }: Props) {
  const { t } = useTranslation("evaluation");
  const lost = useLost();
  const [, setSearch] = useSearchParams();
  const words = {
    batch: ({ value }: Remedy) => t("runWithBatch", { size: number(value) }),
    rate: ({ value }: Remedy) => t("runWithRate", { rate: String(value) }),
    clip: () => t("runWithClip"),
    again: () => t("runAgain"),
  };
  return (
    <span className="ev-remedies">
      {offers.map((offer) => (
        <button
          key={offer.kind} type="button" className="btn" disabled={lost || follow.isPending || follow.isSuccess}
          onClick={() => follow.mutate({ runId, wanted: offer.wanted }, { onSuccess: (made) => setSearch({ run: made.id }, { replace: true }) })}
        >
          <Icon name="play" size={12} />{words[offer.kind](offer)}
        </button>
      ))}
    </span>
  );
}
