/** Beside Run: many runs at once, over settings or over folds. */
import { Menu } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import { FoldsDialog } from "./FoldsDialog";
import { SearchDialog } from "./SearchDialog";

export function RunMore({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation("groups");
  const [open, setOpen] = useState<"search" | "folds" | null>(null);
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <button type="button" className="btn lg icon run-more" disabled={disabled} aria-label={t("moreWays")} title={t("moreWays")}><Icon name="down" /></button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="search" />} onClick={() => setOpen("search")}>{t("search")}<span className="t11 dim run-more-hint">{t("searchHint")}</span></Menu.Item>
          <Menu.Item leftSection={<Icon name="set" />} onClick={() => setOpen("folds")}>{t("folds")}<span className="t11 dim run-more-hint">{t("foldsHint")}</span></Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "search" ? <SearchDialog onClose={() => setOpen(null)} /> : null}
      {open === "folds" ? <FoldsDialog onClose={() => setOpen(null)} /> : null}
    </>
  );
}
