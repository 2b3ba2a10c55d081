import type { Task } from "@farhand/protocol";
import { useRouter } from "expo-router";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { RefreshControl, SectionList, StyleSheet, View } from "react-native";
import { useConnection, useOutbox, useServer, useTaskList } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { useNow } from "../../data/use-now.ts";
import { useLayout } from "../../layout/use-layout.ts";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles, useTheme } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { arrange } from "./arrange.ts";
import { NoTasks } from "./no-tasks.tsx";
import { type Filter, leaving, pendingByTask } from "./standing.ts";
import { TaskActionsSheet } from "./task-actions-sheet.tsx";
import { TaskRow } from "./task-row.tsx";
import { usePullToRefresh } from "./use-pull-to-refresh";
import { useTaskActions } from "./use-task-actions.ts";

export interface TaskListProps {
  search: string;
  filter: Filter;
  onClear: () => void;
  /** Of the task that is open beside the list. */
  openTaskId: string | null;
  /** It stands beside a screen which says by itself how to begin. */
  isPane?: boolean;
  header?: ReactNode;
}

/** The tasks, by what they want of a person. Rows change as they happen. */
export function TaskList({ search, filter, onClear, openTaskId, isPane = false, header }: TaskListProps) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const router = useRouter();
  const { isWide } = useLayout();
  const server = useServer();
  const { tasks, status } = useTaskList();
  const { status: connection } = useConnection();
  const entries = useOutbox();
  const now = useNow();
  const act = useTaskActions();
  const [asked, setAsked] = useState<string | null>(null);
  const [isRefreshing, setRefreshing] = useState(false);
  const sections = useMemo(
    () =>
      // Without a key of their own, all rows would be made anew, and lose the focus or the finger, when a group comes or goes.
      arrange(tasks, { search, filter }, leaving(entries)).map(({ group, tasks: data }) => ({
        key: group,
        group,
        data,
      })),
    [tasks, search, filter, entries],
  );
  // Beside the list one task takes the other's place: else each that was looked at would stay alive below.
  const isBeside = isWide && openTaskId !== null;
  const open = useCallback(
    ({ id }: Task) => (isBeside ? router.replace(`/task/${id}`) : router.navigate(`/task/${id}`)),
    [router, isBeside],
  );
  const askFor = useCallback(({ id }: Task) => setAsked(id), []);
  const step = (by: 1 | -1) => {
    const shown = sections.flatMap(({ data }) => data);
    const at = shown.findIndex(({ id }) => id === openTaskId);
    const next = shown[at === -1 ? 0 : at + by];
    if (next) open(next);
  };
  useShortcut("next", () => step(1));
  useShortcut("previous", () => step(-1));
  const pending = useMemo(() => pendingByTask(entries), [entries]);
  const list = useRef<View>(null);

  const refresh = () => {
    setRefreshing(true);
    server
      .refresh()
      .then(
        (isFresh) => toast(isFresh ? strings.tasks.refreshed : strings.signIn.offline),
        (error: unknown) => toast(troubleOf(error).title),
      )
      .finally(() => setRefreshing(false));
  };
  usePullToRefresh(list, refresh);

  if (status === "loading" && tasks.length === 0)
    return connection === "offline" || connection === "refused" ? (
      <>
        {header}
        <EmptyState
          icon="offline"
          title={strings.tasks.nothingKeptTitle}
          text={strings.tasks.nothingKeptText}
        />
      </>
    ) : (
      <Skeleton />
    );
  const isNarrowed = search !== "" || filter !== "all";
  return (
    <View style={styles.fill} ref={list}>
      <SectionList
        sections={sections}
        keyExtractor={({ id }) => id}
        stickySectionHeadersEnabled={false}
        ListHeaderComponent={
          <>
            {header}
            {isRefreshing ? <Refreshing /> : null}
          </>
        }
        refreshControl={
          <RefreshControl refreshing={isRefreshing} onRefresh={refresh} tintColor={colors.accent} />
        }
        renderSectionHeader={({ section }) => (
          <View style={styles.group}>
            <Text
              variant="tiny"
              color={section.group === "needsYou" ? "warn" : "soft"}
              heading={2}
              style={styles.groupText}
            >
              {`${strings.tasks.group[section.group]} · ${section.data.length}`}
            </Text>
          </View>
        )}
        renderItem={({ item }) => (
          <TaskRow
            task={item}
            now={now}
            pending={pending.get(item.id)}
            isOpen={item.id === openTaskId}
            onOpen={open}
            onAction={act}
            onMore={askFor}
          />
        )}
        ListEmptyComponent={
          isNarrowed ? (
            <EmptyState
              icon="search"
              title={strings.tasks.nothingFoundTitle}
              text={strings.tasks.nothingFoundText}
              action={<Button title={strings.tasks.clearSearch} kind="quiet" isCompact onPress={onClear} />}
            />
          ) : isPane ? (
            <Text color="soft" style={styles.none}>
              {strings.tasks.emptyTitle}
            </Text>
          ) : (
            <NoTasks />
          )
        }
        contentContainerStyle={[styles.content, isPane ? null : styles.belowFloating]}
        keyboardShouldPersistTaps="handled"
        initialNumToRender={14}
      />
      <TaskActionsSheet
        task={tasks.find(({ id }) => id === asked) ?? null}
        onClose={() => setAsked(null)}
        onOpen={open}
        onAction={act}
      />
    </View>
  );
}

const Refreshing = () => (
  <View role="status" style={{ padding: space.m, alignItems: "center" }}>
    <Text variant="small" color="soft">
      {strings.tasks.refreshing}
    </Text>
  </View>
);

const sheet = (_colors: Palette) =>
  StyleSheet.create({
    fill: { flex: 1 },
    content: { flexGrow: 1, paddingBottom: space.l },
    belowFloating: { paddingBottom: 96 },
    none: { padding: space.xl, textAlign: "center" },
    group: { paddingHorizontal: space.l, paddingTop: space.l, paddingBottom: space.s },
    groupText: { textTransform: "uppercase", letterSpacing: 0.5 },
  });
