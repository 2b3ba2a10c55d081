import type { Href } from "expo-router";
import type { IconName } from "../../icons/paths.ts";
import { strings } from "../../strings/strings.ts";

const { settings: words } = strings;

export interface SettingsPlace {
  title: string;
  icon: IconName;
  path: Extract<Href, string>;
}

/** All pages of the settings, those that belong together in a group: for the settings' own list and for the commands. */
export const SETTINGS_PAGES: readonly (readonly SettingsPlace[])[] = [
  [
    { title: words.keys, icon: "key", path: "/settings/keys" },
    { title: words.forges, icon: "pull", path: "/settings/forges" },
    { title: words.models, icon: "spark", path: "/settings/models" },
    { title: words.budgets, icon: "dollar", path: "/settings/budgets" },
    { title: words.egress, icon: "globe", path: "/settings/egress" },
  ],
  [
    { title: words.notifications, icon: "bell", path: "/settings/notifications" },
    { title: words.appearance, icon: "palette", path: "/settings/appearance" },
    { title: words.devices, icon: "device", path: "/settings/devices" },
  ],
  [
    { title: words.health, icon: "heart", path: "/settings/health" },
    { title: words.about, icon: "info", path: "/settings/about" },
  ],
];
