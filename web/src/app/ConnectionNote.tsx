/** Says in words that the studio does not answer, once that has lasted a moment. */
import { useTranslation } from "react-i18next";

import { useConnection } from "@/api/events";
import { Icon } from "@/ui/Icon";

export function ConnectionNote() {
  const { t } = useTranslation();
  if (useConnection() !== "lost") return null;
  return (
    <div className="note warn connection" role="status">
      <Icon name="warn" />
      <span className="sp"><b className="b6">{t("offline")}</b> {t("offlineHint")}</span>
    </div>
  );
}
