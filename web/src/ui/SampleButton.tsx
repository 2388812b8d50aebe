/** `Use the sample data`; the recordings become pictures first, which takes some seconds, so it says so. */
import { useTranslation } from "react-i18next";

import { Mark } from "./Icon";
import type { Sample } from "./useSample";

export function SampleButton({ sample, large = false }: { sample: Sample; large?: boolean }) {
  const { t } = useTranslation();
  return (
    <button type="button" className={`btn${large ? " lg" : ""}`} disabled={sample.isPending} aria-live="polite" onClick={sample.begin}>
      {sample.isPending ? <span className="st live"><Mark name="live" />{t("preparingSample")}</span> : t("useSample")}
    </button>
  );
}
