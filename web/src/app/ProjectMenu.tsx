/** The project's name as a menu: the other projects, language, theme. */
import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { projectsQuery } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { AppearanceItems, LanguageItems } from "@/ui/Preferences";

const OTHERS_SHOWN = 6;

export function ProjectMenu({ projectId, name }: { projectId: string; name: string }) {
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery);
  const others = (projects.data ?? []).filter((each) => each.id !== projectId).slice(0, OTHERS_SHOWN);
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <button type="button" className="proj" aria-label={t("projectMenu", { name })} title={name}>
          <span className="ell">{name}</span>
          <Icon name="down" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/" leftSection={<Icon name="folder" />}>{t("allProjects")}</Menu.Item>
        {others.map((each) => (
          <Menu.Item key={each.id} component={Link} to={`/projects/${each.id}/datasets`} leftSection={<span className="menu-tick" />}>
            <span className="ell menu-name">{each.name}</span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <LanguageItems />
        <Menu.Divider />
        <AppearanceItems />
      </Menu.Dropdown>
    </Menu>
  );
}
