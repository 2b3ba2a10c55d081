import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { useChangesPane } from "../../layout/panes.ts";
import { useLayout } from "../../layout/use-layout.ts";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import type { Palette } from "../../theme/tokens.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Chat } from "./chat/chat.tsx";
import { TaskFrame } from "./task-frame.tsx";

/**
 * The chat of a task. `changes` is the pane that stands beside it on wide screens unless the person has hidden it; without
 * it the chat has all of the room.
 */
export function ChatScreen({ changes = null }: { changes?: ReactNode }) {
  const styles = useStyles(sheet);
  const { isWide } = useLayout();
  const pane = useChangesPane();
  const hasRoom = isWide && changes !== null;
  const isSplit = hasRoom && !pane.isHidden;
  return (
    <TaskFrame
      part="chat"
      actions={
        hasRoom ? (
          <IconButton
            icon="panel-right"
            label={strings.task.changesBeside}
            isOn={isSplit}
            onPress={pane.toggle}
            testID="changes-beside"
          />
        ) : null
      }
    >
      <View style={styles.panes}>
        <View style={styles.chat} testID="chat-pane">
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
