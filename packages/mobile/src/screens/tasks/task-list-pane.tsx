import { useRouter } from "expo-router";
import { useRef, useState } from "react";
import { StyleSheet, type TextInput, View } from "react-native";
import { useCaughtUp, useServer, useTaskList } from "../../data/server.tsx";
import { Icon } from "../../icons/icon.tsx";
import { showList } from "../../layout/panes.ts";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Screen } from "../../ui/screen.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { CaughtUpBanner } from "../connection/caught-up-banner.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { ConnectionButton } from "../connection/connection-button.tsx";
import { UnsentTasks } from "../new-task/unsent-tasks.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { NewTaskButton } from "./new-task-button.tsx";
import type { Filter } from "./standing.ts";
import { TaskList } from "./task-list.tsx";

/** The list with all that is above it. A screen of its own on phones, the left pane on wide screens. */
export function TaskListPane({
  openTaskId,
  isPane = false,
  onHide,
}: {
  openTaskId: string | null;
  isPane?: boolean;
  /** Of a pane. */
  onHide?: () => void;
}) {
  const router = useRouter();
  const server = useServer();
  const caughtUp = useCaughtUp();
  const [search, setSearch] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const { tasks, status } = useTaskList();
  const isEmpty = tasks.length === 0 && status !== "loading" && search === "" && filter === "all";
  const field = useRef<TextInput>(null);
  useShortcut("search", () => {
    showList();
    // What is hidden cannot be focused: in the next frame it is there.
    requestAnimationFrame(() => field.current?.focus());
  });
  return (
    <View style={styles.fill}>
      <Screen
        isPane={isPane}
        // An empty list says how to begin by itself.
        floating={isPane || isEmpty ? null : <NewTaskButton isFloating />}
        title={strings.tasks.title}
        actions={
          <>
            {onHide ? (
              <IconButton
                icon="panel-left"
                label={strings.tasks.hideList}
                onPress={onHide}
                testID="hide-list"
              />
            ) : null}
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
            <View style={styles.searching}>
              <View style={styles.field}>
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
              </View>
              {isPane ? <NewTaskButton isFloating={false} /> : null}
            </View>
            <FilterChips value={filter} onChange={setFilter} isPane={isPane} />
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
          isPane={isPane}
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

const styles = StyleSheet.create({
  fill: { flex: 1 },
  tools: { paddingHorizontal: space.m, paddingBottom: space.xs, gap: space.s },
  glass: { paddingHorizontal: space.m },
  searching: { flexDirection: "row", gap: space.s },
  field: { flex: 1, minWidth: 0 },
});
