import { useRouter } from "expo-router";
import { useRef, useState } from "react";
import { ScrollView, StyleSheet, type TextInput, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useCaughtUp, useServer } from "../../data/server.tsx";
import { Icon } from "../../icons/icon.tsx";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, radius, space } from "../../theme/tokens.ts";
import { Chip } from "../../ui/chip.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Pressable } from "../../ui/pressable.tsx";
import { Screen } from "../../ui/screen.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { CaughtUpBanner } from "../connection/caught-up-banner.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { ConnectionButton } from "../connection/connection-button.tsx";
import { UnsentTasks } from "../new-task/unsent-tasks.tsx";
import type { Filter } from "./standing.ts";
import { TaskList } from "./task-list.tsx";

const FILTERS: readonly Filter[] = ["all", "needsYou", "working", "done", "archived"];

/** The list with all that is above it. A screen of its own on phones, the left pane on wide screens. */
export function TaskListPane({
  openTaskId,
  isPane = false,
}: {
  openTaskId: string | null;
  isPane?: boolean;
}) {
  const styles = useStyles(sheet);
  const router = useRouter();
  const server = useServer();
  const caughtUp = useCaughtUp();
  const { bottom } = useSafeAreaInsets();
  const [search, setSearch] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const field = useRef<TextInput>(null);
  useShortcut("search", () => field.current?.focus());
  return (
    <View style={styles.fill}>
      <Screen
        isPane={isPane}
        floating={
          <Pressable
            onPress={() => router.navigate("/new")}
            testID="new-task"
            style={[styles.add, { bottom: space.l + bottom }]}
          >
            <Icon name="add" color="onAccent" />
            <Text variant="label" color="onAccent">
              {strings.tasks.newTask}
            </Text>
          </Pressable>
        }
        title={strings.tasks.title}
        actions={
          <>
            <ConnectionButton />
            <IconButton
              icon="gear"
              label={strings.settings.title}
              onPress={() => router.navigate("/settings")}
            />
          </>
        }
        below={
          <View style={styles.tools}>
            <TextField
              ref={field}
              label={strings.tasks.search}
              isLabelHidden
              placeholder={strings.tasks.search}
              value={search}
              onChangeText={setSearch}
              autoCapitalize="none"
              autoCorrect={false}
              returnKeyType="search"
              end={
                search ? (
                  <IconButton
                    icon="close"
                    label={strings.tasks.clearSearch}
                    size={18}
                    onPress={() => setSearch("")}
                  />
                ) : (
                  <View style={styles.glass}>
                    <Icon name="search" size={18} color="soft" />
                  </View>
                )
              }
            />
            <ScrollView
              horizontal
              showsHorizontalScrollIndicator={false}
              contentContainerStyle={styles.chips}
            >
              <View role="radiogroup" aria-label={strings.tasks.filters} style={styles.chips}>
                {FILTERS.map((it) => (
                  <Chip
                    key={it}
                    title={strings.tasks.filter[it]}
                    isChosen={it === filter}
                    onPress={() => setFilter(it)}
                  />
                ))}
              </View>
            </ScrollView>
          </View>
        }
        banner={
          <>
            <ConnectionBanner />
            {caughtUp ? <CaughtUpBanner events={caughtUp.events} onDismiss={server.dismissCaughtUp} /> : null}
          </>
        }
      >
        <TaskList
          search={search}
          filter={filter}
          openTaskId={openTaskId}
          header={<UnsentTasks />}
          onClear={() => {
            setSearch("");
            setFilter("all");
          }}
        />
      </Screen>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    fill: { flex: 1 },
    tools: { paddingHorizontal: space.m, paddingBottom: space.xs, gap: space.s },
    glass: { paddingHorizontal: space.m },
    chips: { flexDirection: "row", gap: space.s },
    add: {
      position: "absolute",
      right: space.l,
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      height: 52,
      paddingHorizontal: space.l,
      borderRadius: radius.round,
      backgroundColor: colors.accent,
      boxShadow: "0 4px 14px rgba(0, 0, 0, 0.25)",
    },
  });
