/** The buttons that run a failed run again with what its advice says, and what becomes of the experiment; the new run is shown at once. */
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { useLost } from "@/api/events";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Remedy } from "./remedies";
import type { useRemedy } from "./runActions";

type Props = { offers: readonly Remedy[]; remedy: ReturnType<typeof useRemedy> };

export function RemedyButtons({ offers, remedy }: Props) {
  const { t } = useTranslation("evaluation");
  const lost = useLost();
  const [, setSearch] = useSearchParams();
  const words = {
    batch: ({ value }: Remedy) => t("runWithBatch", { size: number(value) }),
    rate: ({ value }: Remedy) => t("runWithRate", { rate: String(value) }),
    clip: () => t("runWithClip"),
    again: () => t("runAgain"),
  };
  const changesSettings = offers.some(({ wanted }) => Object.keys(wanted.settings ?? {}).length > 0);
  return (
    <span className={`ev-remedies${changesSettings ? " told" : ""}`}>
      {offers.map((offer) => (
        <button
          key={offer.kind} type="button" className="btn" disabled={lost || remedy.isPending || remedy.isSuccess}
          onClick={() => remedy.mutate(offer.wanted, { onSuccess: (made) => setSearch({ run: made.id }, { replace: true }) })}
        >
          <Icon name="play" size={12} />{words[offer.kind](offer)}
        </button>
      ))}
      {changesSettings ? <span className="ev-remedies-words t12 dim">{t("remedyTaken")}</span> : null}
    </span>
  );
}
