import { Stack, useGlobalSearchParams } from "expo-router";
import { useEffect } from "react";
import { StyleSheet, View } from "react-native";
import { ServerProvider } from "../../data/server.tsx";

import { useListPane } from "../../layout/panes.ts";
import { useLayout } from "../../layout/use-layout.ts";
import { NotificationsHost } from "../../notifications/notifications-host.tsx";
import { whenIdle } from "../../platform/when-idle";
import { CommandPalette } from "../../screens/palette/command-palette.tsx";
import { bringScreens } from "../../screens/parts.ts";
import { ListRail } from "../../screens/tasks/list-rail.tsx";
import { TaskListPane } from "../../screens/tasks/task-list-pane.tsx";
import { useSession } from "../../session/session.tsx";
import { useStyles, useTheme } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { SkipLink } from "../../ui/skip-link";

/** A link into a task has the list behind it, to go back to. */
export const unstable_settings = { initialRouteName: "index" };

export default function MainLayout() {
  const { state } = useSession();
  if (state.status !== "signed-in") return null;
  return (
    <ServerProvider account={state.account}>
      <Panes />
      <CommandPalette />
      <NotificationsHost />
    </ServerProvider>
  );
}

/** Below 900 points one screen above the other; from there on the list stands beside them, unless it is hidden. */
function Panes() {
  const { isWide, listWidth } = useLayout();
  const list = useListPane();
  const { colors } = useTheme();
  const styles = useStyles(sheet);
  const { id } = useGlobalSearchParams<{ id?: string }>();
  useEffect(() => whenIdle(() => void bringScreens()), []);
  return (
    <View style={styles.panes}>
      <SkipLink />
      {isWide ? (
        // A list that is hidden stays as it was: its search, its place, and its shortcuts to the next task.
        <View style={[styles.list, { width: listWidth }, list.isHidden ? styles.hidden : null]}>
          <TaskListPane isPane openTaskId={id ?? null} onHide={list.toggle} />
        </View>
      ) : null}
      {isWide && list.isHidden ? <ListRail onShow={list.toggle} /> : null}
      <View style={styles.rest}>
        <Stack
          screenOptions={{
            headerShown: false,
            animation: isWide ? "none" : "default",
            contentStyle: { backgroundColor: colors.page },
          }}
        />
      </View>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    panes: { flex: 1, flexDirection: "row", backgroundColor: colors.page },
    list: { borderRightWidth: 1, borderRightColor: colors.line },
    hidden: { display: "none" },
    rest: { flex: 1, minWidth: 0 },
  });
