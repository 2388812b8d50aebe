/** A problem where it hurts: what happened, what was expected, what to do, and room for the button that does it. */
import { type ReactNode, useEffect, useRef } from "react";

import { ApiError, type Problem } from "@/api/client";
import { describeProblem } from "@/i18n";

import { Icon } from "./Icon";

export function ProblemNote({ problem, children }: { problem: Problem; children?: ReactNode }) {
  const words = describeProblem(problem);
  const note = useRef<HTMLDivElement>(null);
  // What was pressed may be far from here: in a narrow window, or above what is scrolled to. The same said again, by a
  // question that is asked over and over, moves nothing.
  useEffect(() => { note.current?.scrollIntoView({ block: "nearest" }); }, [words.message]);
  return (
    <div ref={note} className="note bad" role="alert">
      <Icon name="alert" />
      <div className="sp">
        <p className="b5">{words.message}</p>
        <p className="mut">{words.fix}</p>
      </div>
      {children}
    </div>
  );
}

/** The same for what a query or mutation failed with; anything but a problem of ours is a bug and is thrown on. */
export function ErrorNote({ error }: { error: Error | null }) {
  if (!error) return null;
  if (error instanceof ApiError) return <ProblemNote problem={error.problem} />;
  throw error;
}
