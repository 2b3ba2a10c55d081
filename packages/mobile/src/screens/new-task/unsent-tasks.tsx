import { StyleSheet, View } from "react-native";
import { AttachmentList } from "../../attachments/attachment-list.tsx";
import { reasonOf } from "../../data/outbox-words.ts";
import { useOutbox, useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { repositoryName } from "../../format/repository.ts";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, radius, space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { EditUnsent } from "./edit-unsent.tsx";
import { isNewTask, type NewTaskEntry } from "./take-back.ts";

/** New tasks that the server does not have yet: above the list, as they are none of its rows. */
export function UnsentTasks() {
  const styles = useStyles(sheet);
  const entries = useOutbox().filter(isNewTask);
  if (entries.length === 0) return null;
  return (
    <View style={styles.place} testID="unsent-tasks">
      <Text variant="tiny" color="soft" heading={2} style={styles.title}>
        {`${strings.tasks.group.unsent} · ${entries.length}`}
      </Text>
      {entries.map((entry) => (
        <UnsentTask key={entry.id} entry={entry} />
      ))}
    </View>
  );
}

function UnsentTask({ entry }: { entry: NewTaskEntry }) {
  const styles = useStyles(sheet);
  const { outbox } = useServer();
  const { task, attachments = [] } = entry.command;
  const told = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => toast(troubleOf(error).action || troubleOf(error).title));
  return (
    <View style={styles.card}>
      <View style={styles.line}>
        <View style={styles.texts}>
          <Text numberOfLines={2}>{task.prompt}</Text>
          <Text variant="small" color="soft" numberOfLines={1}>
            {repositoryName(task.repository)}
          </Text>
        </View>
        {entry.status === "sending" ? null : (
          <IconButton
            icon="trash"
            size={18}
            label={`${strings.chat.withdraw}: ${task.prompt.slice(0, 60)}`}
            onPress={() => told(outbox.withdraw(entry.id))}
          />
        )}
      </View>
      <AttachmentList list={attachments} />
      <Text variant="small" color={entry.status === "refused" ? "danger" : "soft"} role="status">
        {reasonOf(entry) ?? strings.tasks.unsentHint}
      </Text>
      {entry.status === "sending" ? null : (
        <View style={styles.buttons}>
          {entry.status === "needs_confirmation" || entry.status === "refused" ? (
            <Button title={strings.chat.sendAgain} isCompact onPress={() => told(outbox.confirm(entry.id))} />
          ) : null}
          <EditUnsent entry={entry} />
        </View>
      )}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { paddingHorizontal: space.l, paddingTop: space.l, gap: space.s },
    title: { textTransform: "uppercase", letterSpacing: 0.5 },
    card: {
      gap: space.s,
      padding: space.m,
      borderRadius: radius.m,
      borderWidth: 1,
      borderStyle: "dashed",
      borderColor: colors.edge,
      backgroundColor: colors.surface,
    },
    line: { flexDirection: "row", alignItems: "flex-start", gap: space.s },
    buttons: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
    texts: { flex: 1, minWidth: 0 },
  });
