/** `Use the sample data`; the recordings become pictures first, which takes some seconds, so it says so. */
import type { UseMutationResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { Mark } from "@/ui/Icon";

type Props = { sample: UseMutationResult<Schemas["Project"], Error, void>; large?: boolean };

export function SampleButton({ sample, large = false }: Props) {
  const { t } = useTranslation("home");
  return (
    <button type="button" className={`btn${large ? " lg" : ""}`} disabled={sample.isPending} aria-live="polite" onClick={() => sample.mutate()}>
      {sample.isPending ? <span className="st live"><Mark name="live" />{t("preparingSample")}</span> : t("useSample")}
    </button>
  );
}
