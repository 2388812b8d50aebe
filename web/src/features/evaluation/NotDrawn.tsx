/** Above a plot: which runs that are shown it does not draw, and why. */
import { useTranslation } from "react-i18next";

import type { Comparable } from "./comparable";

/** So many names have room beside the reason. */
const NAMED = 2;

export function NotDrawn({ left }: { left: Comparable["left"] }) {
  const { t } = useTranslation("evaluation");
  if (!left.length) return null;
  const sentence = (names: readonly string[], why: Comparable["left"][number]["why"], all: boolean) =>
    t(`notDrawn.${why}`, { whose: all || names.length <= NAMED ? names.join(t("listComma")) : t("ofRuns", { count: names.length }) });
  const words = (all: boolean) => left.map(({ names, why }) => sentence(names, why, all)).join(" ");
  return <p className="ev-off"><span className="ell" title={words(true)}>{words(false)}</span></p>;
}
