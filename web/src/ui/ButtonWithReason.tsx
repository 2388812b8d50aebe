/** A button that cannot be pressed yet says why beside itself; the reason is read out with it. */
import { type ComponentProps, useId } from "react";

type Props = Omit<ComponentProps<"button">, "disabled" | "aria-describedby"> & { why: string | null | undefined; busy?: boolean };

export function ButtonWithReason({ why, busy = false, ...button }: Props) {
  const id = useId();
  return (
    <>
      {why ? <span id={id} className="btn-why">{why}</span> : null}
      <button type="button" {...button} disabled={busy || Boolean(why)} aria-describedby={why ? id : undefined} />
    </>
  );
}
