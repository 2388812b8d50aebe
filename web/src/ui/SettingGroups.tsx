/** Settings in their groups; a folded one says what is set in it. */
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ParameterCard } from "@/model/document";
import { ALWAYS_OPEN, type SettingGroup } from "@/model/settingGroups";

import { Icon } from "./Icon";
import { changedWords, type NameOf } from "./settingWords";
import "./fields.css";

type Props = {
  groups: readonly SettingGroup[];
  field: (card: ParameterCard) => ReactNode;
  /** The name of a value that the cards cannot know, as that of a subset. */
  nameOf?: NameOf;
  /** All groups can be folded, those too that nobody runs anything without looking at. */
  folded?: boolean;
};

export function SettingGroups({ groups, ...rest }: Props) {
  return (
    <div className="settings">
      {groups.map((group) => <Group key={group.name} group={group} {...rest} />)}
    </div>
  );
}

function Group({ group, field, nameOf, folded }: Omit<Props, "groups"> & { group: SettingGroup }) {
  const { t } = useTranslation("fields");
  const [wantsOpen, setOpen] = useState(false);
  const title = t(`group_${group.name}`);
  const fields = (
    <div className="fields">
      {group.cards.map(field)}
    </div>
  );
  if (!folded && ALWAYS_OPEN.has(group.name)) {
    return (
      <section className="setting-group" aria-label={title}>
        <h3>{title}</h3>
        {fields}
      </section>
    );
  }
  const open = wantsOpen || group.inNeed;
  return (
    <section className="setting-group" aria-label={title}>
      <button type="button" className="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="right" />
        <span>{title}</span>
        {!open && <Changed group={group} {...(nameOf ? { nameOf } : {})} />}
      </button>
      {open && fields}
    </section>
  );
}

/** What is set in a folded group, so that it need not be opened to be known. */
function Changed({ group, nameOf }: { group: SettingGroup; nameOf?: NameOf }) {
  const { t, i18n } = useTranslation("fields");
  const words = changedWords(group.changed, t, i18n.language, nameOf);
  if (!words) return <span className="t12 dim group-set">{t("as_usual")}</span>;
  return <span className="t12 group-set told">{words}</span>;
}
