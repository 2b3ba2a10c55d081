import { Stack, useGlobalSearchParams } from "expo-router";
import { useEffect } from "react";
import { StyleSheet, View } from "react-native";
import { ServerProvider } from "../../data/server.tsx";

import { useLayout } from "../../layout/use-layout.ts";
import { NotificationsHost } from "../../notifications/notifications-host.tsx";
import { whenIdle } from "../../platform/when-idle";
import { CommandPalette } from "../../screens/palette/command-palette.tsx";
import { bringScreens } from "../../screens/parts.ts";
import { TaskListPane } from "../../screens/tasks/task-list-pane.tsx";
import { useSession } from "../../session/session.tsx";
import { useStyles, useTheme } from "../../theme/theme.tsx";
import { LIST_PANE_WIDTH, type Palette } from "../../theme/tokens.ts";
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

/** Below 900 points one screen above the other; from there on the list stands beside them. */
function Panes() {
  const { isWide } = useLayout();
  const { colors } = useTheme();
  const styles = useStyles(sheet);
  const { id } = useGlobalSearchParams<{ id?: string }>();
  useEffect(() => whenIdle(() => void bringScreens()), []);
  return (
    <View style={styles.panes}>
      <SkipLink />
      {isWide ? (
        <View style={styles.list}>
          <TaskListPane isPane openTaskId={id ?? null} />
        </View>
      ) : null}
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
    list: { width: LIST_PANE_WIDTH, borderRightWidth: 1, borderRightColor: colors.line },
    rest: { flex: 1, minWidth: 0 },
  });
