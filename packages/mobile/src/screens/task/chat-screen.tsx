import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { useLayout } from "../../layout/use-layout.ts";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { Chat } from "./chat/chat.tsx";
import { TaskFrame } from "./task-frame.tsx";

/**
 * The chat of a task. `changes` is the pane that stands beside it where there is room for three; without it the chat has
 * all of the room.
 */
export function ChatScreen({ changes = null }: { changes?: ReactNode }) {
  const styles = useStyles(sheet);
  const { isVeryWide } = useLayout();
  const isSplit = isVeryWide && changes !== null;
  return (
    <TaskFrame part="chat" {...(isSplit ? { isBeside: ["changes"] as const } : {})}>
      <View style={styles.panes}>
        <View style={styles.chat}>
          <Chat />
        </View>
        {isSplit ? (
          <View role="complementary" aria-label={strings.task.changes} style={styles.changes}>
            {changes}
          </View>
        ) : null}
      </View>
    </TaskFrame>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    panes: { flex: 1, flexDirection: "row", minHeight: 0 },
    chat: { flex: 1, minWidth: 0 },
    changes: { flex: 1, minWidth: 0, borderLeftWidth: 1, borderLeftColor: colors.line },
  });
