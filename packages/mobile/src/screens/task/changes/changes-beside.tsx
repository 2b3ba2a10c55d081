import { useRouter } from "expo-router";
import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { taskPath } from "../../../links/task-link.ts";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space, TARGET } from "../../../theme/tokens.ts";
import { Text } from "../../../ui/text.tsx";
import { useOpenTask } from "../open-task.tsx";
import { ChangesActions } from "./changes-actions.tsx";
import { ChangesPane } from "./changes-pane.tsx";
import { ALL, type Scope } from "./scope.ts";

/**
 * The changes beside the chat, with what the tab of the changes offers above them. What they show is not part of the page's
 * address there.
 */
export function ChangesBeside() {
  const styles = useStyles(sheet);
  const router = useRouter();
  const { taskId } = useOpenTask();
  const [scope, setScope] = useState<Scope>(ALL);
  return (
    <View style={styles.place}>
      <View style={styles.head}>
        <Text variant="label" heading={2} numberOfLines={1} style={styles.title}>
          {strings.changes.title}
        </Text>
        <ChangesActions />
      </View>
      <ChangesPane
        taskId={taskId}
        scope={scope}
        onScope={setScope}
        place={{ file: null, lines: null }}
        onOpenFile={(path) => router.push(taskPath({ taskId, part: "files", file: path, lines: null }))}
      />
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minHeight: 0 },
    head: {
      flexDirection: "row",
      alignItems: "center",
      minHeight: TARGET,
      paddingLeft: space.m,
      paddingRight: space.xs,
      backgroundColor: colors.surface,
    },
    title: { flex: 1 },
  });
