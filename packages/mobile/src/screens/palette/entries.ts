import { useGlobalSearchParams, useRouter } from "expo-router";
import { useTaskList } from "../../data/server.tsx";
import { repositoryName } from "../../format/repository.ts";
import type { IconName } from "../../icons/paths.ts";
import { type TaskPart, taskPath } from "../../links/task-link.ts";
import { setPreferences } from "../../prefs/preferences.ts";
import { SHORTCUTS } from "../../shortcuts/keys.ts";
import { strings } from "../../strings/strings.ts";
import { SETTINGS_PAGES } from "../settings/settings-pages.ts";
import { arrange } from "../tasks/arrange.ts";
import { actionsOf, stateOf, titleOf } from "../tasks/standing.ts";
import { ACTION_LOOKS } from "../tasks/task-actions-sheet.tsx";
import { useTaskActions } from "../tasks/use-task-actions.ts";

export interface Entry {
  id: string;
  title: string;
  detail: string;
  icon: IconName;
  run: () => void;
}

const TASKS_SHOWN = 30;

const PARTS: readonly { part: TaskPart; icon: IconName }[] = [
  { part: "chat", icon: "comment" },
  { part: "changes", icon: "code" },
  { part: "files", icon: "folder" },
  { part: "details", icon: "info" },
];

/** What can be gone to and done, as far as it fits what was typed: places, the open task's parts and actions, tasks. */
export function useEntries(search: string): Entry[] {
  const router = useRouter();
  const { tasks } = useTaskList();
  const { id } = useGlobalSearchParams<{ id?: string }>();
  const act = useTaskActions();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ title }: { title: string }) => words.every((word) => title.toLowerCase().includes(word));
  const open = tasks.find((task) => task.id === id);
  const go = (
    title: string,
    icon: IconName,
    path: Parameters<typeof router.navigate>[0],
    detail = "",
  ): Entry => ({ id: String(path), title, icon, detail, run: () => router.navigate(path) });
  const theme = (choice: "light" | "dark" | "system"): Entry => ({
    id: `theme-${choice}`,
    title: `${strings.settings.theme}: ${strings.settings.themes[choice]}`,
    detail: "",
    icon: "palette",
    run: () => setPreferences({ theme: choice }),
  });
  const parts = (open ? PARTS : []).map(({ part, icon }) => ({
    id: part,
    title: strings.task[part],
    detail: open ? titleOf(open) : "",
    icon,
    // As with the tabs: going to and fro between the parts is one step back.
    run: () => open && router.replace(taskPath({ taskId: open.id, part, file: null, lines: null })),
  }));
  const commands = [
    go(strings.tasks.newTask, "add", "/new", SHORTCUTS.newTask.shown),
    ...parts,
    go(strings.settings.title, "gear", "/settings", SHORTCUTS.settings.shown),
    ...SETTINGS_PAGES.flat().map(({ title, icon, path }) => go(title, icon, path)),
    theme("light"),
    theme("dark"),
    theme("system"),
  ].filter(fits);
  const actions = (open ? actionsOf(open) : [])
    .map((action) => ({ action, ...ACTION_LOOKS[action] }))
    .filter(fits)
    .map(({ action, title, icon }) => ({
      id: action,
      title,
      detail: open ? titleOf(open) : "",
      icon,
      run: () => open && act(open, action),
    }));
  const found = arrange(tasks, { search, filter: "all" }).flatMap((section) => section.tasks);
  return [
    ...commands,
    // Not the first: who opens the palette and presses Enter has not asked for anything.
    ...actions,
    ...found.slice(0, TASKS_SHOWN).map((task) => ({
      id: task.id,
      title: titleOf(task),
      detail: `${stateOf(task).text} · ${repositoryName(task.repository)}`,
      icon: "tasks" as const,
      run: () => router.navigate(`/task/${task.id}`),
    })),
  ];
}
