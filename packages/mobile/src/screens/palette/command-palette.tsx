import { useGlobalSearchParams, useRouter } from "expo-router";
import { useState } from "react";
import { FlatList, Platform, StyleSheet, View } from "react-native";
import { useTaskList } from "../../data/server.tsx";
import { repositoryName } from "../../format/repository.ts";
import type { IconName } from "../../icons/paths.ts";
import { setPreferences } from "../../prefs/preferences.ts";
import { SHORTCUTS, type Shortcut } from "../../shortcuts/keys.ts";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { arrange } from "../tasks/arrange.ts";
import { actionsOf, stateOf, titleOf } from "../tasks/standing.ts";
import { ACTION_LOOKS } from "../tasks/task-actions-sheet.tsx";
import { useTaskActions } from "../tasks/use-task-actions.ts";

interface Entry {
  id: string;
  title: string;
  detail: string;
  icon: IconName;
  run: () => void;
}

/** Everything that can be gone to and done, found by typing. Also hears the shortcuts that hold everywhere. */
export function CommandPalette() {
  const [mode, setMode] = useState<"closed" | "palette" | "help">("closed");
  const router = useRouter();
  useShortcut("palette", () => setMode("palette"));
  useShortcut("help", () => setMode("help"));
  useShortcut("newTask", () => router.navigate("/new"));
  useShortcut("settings", () => router.navigate("/settings"));
  const close = () => setMode("closed");
  if (mode === "help") return <ShortcutHelp onClose={close} />;
  return mode === "palette" ? <OpenPalette onClose={close} /> : null;
}

function OpenPalette({ onClose }: { onClose: () => void }) {
  const styles = useStyles(sheet);
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(search);
  const chosen = entries[Math.min(at, entries.length - 1)];
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  return (
    <Sheet
      title={strings.palette.title}
      isOpen
      onClose={onClose}
      isFilled
      top={
        <View style={styles.field}>
          <TextField
            label={strings.palette.search}
            isLabelHidden
            placeholder={strings.palette.search}
            autoFocus
            value={search}
            onChangeText={(text) => {
              setSearch(text);
              setAt(0);
            }}
            onKeyPress={({ nativeEvent, preventDefault }) => {
              const step = nativeEvent.key === "ArrowDown" ? 1 : nativeEvent.key === "ArrowUp" ? -1 : 0;
              if (step === 0 || entries.length === 0) return;
              preventDefault?.();
              setAt((before) => (before + step + entries.length) % entries.length);
            }}
            onSubmitEditing={() => run(chosen)}
            autoCapitalize="none"
            autoCorrect={false}
          />
        </View>
      }
    >
      <FlatList
        data={entries}
        keyExtractor={({ id }) => id}
        keyboardShouldPersistTaps="handled"
        ListEmptyComponent={
          <Text color="soft" style={styles.empty}>
            {strings.palette.empty}
          </Text>
        }
        renderItem={({ item }) => (
          <View style={item === chosen && Platform.OS === "web" ? styles.chosen : null}>
            <ListRow title={item.title} detail={item.detail} icon={item.icon} onPress={() => run(item)} />
          </View>
        )}
      />
    </Sheet>
  );
}

function useEntries(search: string): Entry[] {
  const router = useRouter();
  const { tasks } = useTaskList();
  const { id } = useGlobalSearchParams<{ id?: string }>();
  const act = useTaskActions();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const go = (
    title: string,
    icon: IconName,
    path: Parameters<typeof router.navigate>[0],
    detail = "",
  ): Entry => ({
    id: String(path),
    title,
    icon,
    detail,
    run: () => router.navigate(path),
  });
  const theme = (choice: "light" | "dark" | "system"): Entry => ({
    id: `theme-${choice}`,
    title: `${strings.settings.theme}: ${strings.settings.themes[choice]}`,
    detail: "",
    icon: "palette",
    run: () => setPreferences({ theme: choice }),
  });
  const commands = [
    go(strings.tasks.newTask, "add", "/new", SHORTCUTS.newTask.shown),
    go(strings.settings.title, "gear", "/settings", SHORTCUTS.settings.shown),
    go(strings.settings.keys, "key", "/settings/keys"),
    go(strings.settings.budgets, "dollar", "/settings/budgets"),
    go(strings.settings.egress, "globe", "/settings/egress"),
    go(strings.settings.devices, "device", "/settings/devices"),
    go(strings.settings.health, "heart", "/settings/health"),
    theme("light"),
    theme("dark"),
    theme("system"),
  ].filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const open = tasks.find((task) => task.id === id);
  const actions = (open ? actionsOf(open) : [])
    .map((action) => ({ action, ...ACTION_LOOKS[action] }))
    .filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
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
    ...found.slice(0, 30).map((task) => ({
      id: task.id,
      title: titleOf(task),
      detail: `${stateOf(task).text} · ${repositoryName(task.repository)}`,
      icon: "tasks" as const,
      run: () => router.navigate(`/task/${task.id}`),
    })),
  ];
}

function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  return (
    <Sheet title={strings.settings.shortcuts} isOpen onClose={onClose}>
      {names.map((name) => (
        <ListRow
          key={name}
          title={strings.shortcut[name]}
          end={
            <Text isMono variant="small" color="soft">
              {SHORTCUTS[name].shown}
            </Text>
          }
        />
      ))}
    </Sheet>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    field: { paddingHorizontal: space.l, paddingVertical: space.s },
    chosen: { backgroundColor: colors.accentSoft },
    empty: { padding: space.l, textAlign: "center" },
  });
