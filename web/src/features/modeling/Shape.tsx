/** A shape with quiet × between its axes. */
import { Fragment } from "react";

export function Shape({ shape }: { shape: readonly number[] }) {
  const axes = shape.length === 0 ? [1] : shape;
  return (
    <>
      {axes.map((axis, index) => (
        <Fragment key={index}>
          {index > 0 && <i> × </i>}
          {axis}
        </Fragment>
      ))}
    </>
  );
}
