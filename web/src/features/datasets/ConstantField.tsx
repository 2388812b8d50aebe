/** The value that is put where none is: typed, or chosen where only some are possible. */
import { useTranslation } from "react-i18next";

import type { FeatureType } from "./columns";
import { ChoiceField, TextField } from "./Fields";

const VALUE_LENGTH = 200;
const BINARY = ["0", "1"];

type Props = { type: FeatureType; classes: readonly string[] | null; delimiter?: string | undefined; value: string; disabled?: boolean; onChange: (value: string) => void };

export function ConstantField({ type, classes, delimiter = ",", value, disabled = false, onChange }: Props) {
  const { t } = useTranslation("table");
  const possible = type === "binary" ? BINARY : type === "categorical" ? (classes ?? []) : null;
  if (possible) return <ChoiceField label={t("constantValue")} value={value} disabled={disabled} choices={possible.map((each) => ({ value: each, label: each }))} onChange={onChange} />;
  return <TextField label={t("constantValue")} hint={type === "multi_label" ? t("constantClasses", { delimiter }) : undefined} value={value} maxLength={VALUE_LENGTH} disabled={disabled} onChange={onChange} />;
}
