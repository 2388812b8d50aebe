/** A dialog that asks for the name of an experiment. */
import { Modal } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { problemLine } from "@/i18n";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";

type Props = {
  title: string;
  action: string;
  initial: string;
  onClose: () => void;
  onName: (name: string) => Promise<void>;
  /** What else is asked, below the name. */
  children?: ReactNode;
  /** Why it cannot be done yet. */
  why?: string | null;
  /** What is asked is not known yet. */
  waiting?: boolean;
};

export function NameDialog({ title, action, initial, onClose, onName, children, why = null, waiting = false }: Props) {
  const { t } = useTranslation("modeling");
  const [name, setName] = useState(initial);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onName(name.trim());
      onClose();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setFailure(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} centered size={children ? "md" : "sm"} closeButtonProps={{ "aria-label": t("close") }}>
      <form onSubmit={(event) => void submit(event)} className="name-form">
        <label className="field">
          <span>{t("experiment_name")}</span>
          <input className="input" value={name} maxLength={120} data-autofocus onChange={(event) => setName(event.target.value)} onFocus={(event) => event.target.select()} />
        </label>
        {children}
        {failure && (
          <div className="note bad" role="alert">
            <Icon name="alert" />
            <span>{problemLine(failure.problem)}</span>
          </div>
        )}
        <div className="row end-row">
          <span className="sp" />
          <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
          <ButtonWithReason type="submit" className="btn lg primary" why={why} busy={busy || waiting || name.trim() === ""}>{action}</ButtonWithReason>
        </div>
      </form>
    </Modal>
  );
}
