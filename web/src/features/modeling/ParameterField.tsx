/** A field of the experiment: a text that cannot be taken as typed keeps it from running. */
import { CardField, type CardFieldProps } from "@/ui/CardField";

import { useModeling } from "./ModelingContext";

export function ParameterField(props: Omit<CardFieldProps, "faults">) {
  const { faults } = useModeling();
  return <CardField {...props} faults={faults} />;
}
