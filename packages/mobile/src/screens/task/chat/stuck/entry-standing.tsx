import type { OutboxEntry } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { discardCommand } from "../../../../data/discard-command.ts";
import { reasonOf } from "../../../../data/outbox-words.ts";
import { useServer } from "../../../../data/server.tsx";
import { strings } from "../../../../strings/strings.ts";
import { space } from "../../../../theme/tokens.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { toast } from "../../../../ui/toast.tsx";
import { tellTrouble } from "../use-ask.ts";
import { EditFork } from "./edit-fork.tsx";
import { commandWords, isStuck } from "./stuck.ts";

const { chat: words } = strings;

/** Where a command is that the server does not have: on its way, or why not, and what can be done about that. */
export function EntryStanding({ entry, onDiscarded }: { entry: OutboxEntry; onDiscarded?: () => void }) {
  const server = useServer();
  const { outbox } = server;
  const { command } = entry;
  const about = commandWords(command).slice(0, 60);
  const discard = async () => {
    const { mayHaveArrived } = await discardCommand(server, entry);
    const done = command.type === "fork" ? words.discardedFork : words.discardedCommand;
    toast(mayHaveArrived ? words.withdrawnLate : done);
    onDiscarded?.();
  };
  const color =
    entry.status === "refused" ? "danger" : entry.status === "needs_confirmation" ? "warn" : "soft";
  return (
    <View style={styles.standing}>
      <Text variant="small" color={color} role="status">
        {reasonOf(entry) ?? words.onItsWay}
      </Text>
      {isStuck(entry) ? (
        <View style={styles.buttons}>
          <Button
            title={words.sendAgain}
            label={words.about(words.sendAgain, about)}
            icon="send"
            kind="quiet"
            isCompact
            onPress={() => void outbox.confirm(entry.id).catch(tellTrouble)}
          />
          {command.type === "fork" && !entry.mayHaveArrived ? (
            <EditFork taskId={command.taskId} entryId={entry.id} prompt={command.fork.prompt} />
          ) : null}
          <Button
            title={words.discard}
            label={words.about(words.discard, about)}
            icon="trash"
            kind="quiet"
            isCompact
            onPress={() => void discard().catch(tellTrouble)}
          />
        </View>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  standing: { gap: space.s },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
});
