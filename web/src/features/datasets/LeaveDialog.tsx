/** The question to who leaves sound settings that were tried and not applied. */
import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { ErrorNote } from "@/ui/ProblemNote";

import { useEdits } from "./featureEdits";
import type { Question } from "./useLeaving";

export function LeaveDialog({ question: { name, encoding, go, stay } }: { question: Question }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  const apply = () => edits.change([name], { encoding }, t("encodingChanged", { name }), go);
  return (
    <Modal opened onClose={stay} title={t("leaveTitle", { name })} size={440} centered closeButtonProps={{ "aria-label": old("close") }}>
      <div className="ds-dialog">
        <p className="mut">{t("leaveWords")}</p>
        <ErrorNote error={edits.changed.includes(name) ? edits.error : null} />
        <div className="ds-dialog-foot">
          <button type="button" className="btn lg" onClick={stay}>{t("keepTrying")}</button>
          <button type="button" className="btn lg" onClick={go}>{t("discard")}</button>
          <button type="button" className="btn primary lg" disabled={edits.isPending} onClick={apply}>{t("apply")}</button>
        </div>
      </div>
    </Modal>
  );
}
