import type { PendingRow } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { reasonOf } from "../../../../data/outbox-words.ts";
import { strings } from "../../../../strings/strings.ts";
import { space } from "../../../../theme/tokens.ts";
import { Button } from "../../../../ui/button.tsx";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat } from "../chat-context.tsx";
import { usePendingActions } from "../use-pending-actions.ts";
import { useTaskEntries } from "../use-task-entries.ts";
import { Bubble } from "./bubble.tsx";

const { chat: words } = strings;

/** A message that the agent does not have yet: where it is, why, and what can still be done with it. */
export function PendingRowView({ row }: { row: PendingRow }) {
  const { taskId, editPending } = useChat();
  const entry = useTaskEntries(taskId).find(({ id }) => id === row.entryId);
  const actions = usePendingActions(row);
  const isOnItsWay = row.status === "sending" || row.status === "sent";
  return (
    <Bubble author={words.you} text={row.text} attachments={row.attachments} isWaiting>
      <Text
        variant="small"
        color={row.status === "refused" ? "danger" : row.status === "needs_confirmation" ? "warn" : "soft"}
        role="status"
        style={styles.reason}
      >
        {(entry && reasonOf(entry)) ?? words.pending[row.status]}
      </Text>
      {isOnItsWay ? null : (
        <View style={styles.buttons}>
          {row.status === "needs_confirmation" || row.status === "refused" ? (
            <Button
              title={row.status === "refused" ? words.sendAgain : words.sendAnyway}
              isCompact
              onPress={actions.confirm}
            />
          ) : null}
          {actions.canEdit ? (
            <IconButton icon="edit" size={18} label={words.edit} onPress={() => editPending(row.id)} />
          ) : null}
          {actions.moveUp ? (
            <IconButton icon="chevron-up" size={18} label={words.earlier} onPress={actions.moveUp} />
          ) : null}
          {actions.moveDown ? (
            <IconButton icon="chevron-down" size={18} label={words.later} onPress={actions.moveDown} />
          ) : null}
          <IconButton icon="trash" size={18} label={words.withdraw} onPress={actions.withdraw} />
        </View>
      )}
    </Bubble>
  );
}

const styles = StyleSheet.create({
  reason: { marginTop: space.s },
  buttons: { flexDirection: "row", flexWrap: "wrap", justifyContent: "flex-end", marginBottom: -space.s },
});
