import type { OutboxEntry } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { discardCommand } from "../../data/discard-command.ts";
import { reasonOf } from "../../data/outbox-words.ts";
import { useConnection, useOutbox, useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { useNow } from "../../data/use-now.ts";
import { ago } from "../../format/time.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { EditUnsent } from "../new-task/edit-unsent.tsx";
import { isNewTask } from "../new-task/take-back.ts";

const { connection: words } = strings;

/** How this device and the server stand, and what is still on its way. */
export function ConnectionSheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Sheet title={words.title} isOpen={isOpen} onClose={onClose}>
      {isOpen ? <Facts onLeave={onClose} /> : null}
    </Sheet>
  );
}

/** @param onLeave another screen opens, which this sheet would lie over */
function Facts({ onLeave }: { onLeave: () => void }) {
  const { connection } = useServer();
  const state = useConnection();
  const entries = useOutbox();
  const now = useNow(1_000);
  const { lastEvent, outboxDepth } = state;
  const seconds = state.nextRetryAtMs === null ? null : Math.ceil((state.nextRetryAtMs - now) / 1000);
  return (
    <>
      <ListGroup>
        <Fact name={words.status} value={words[state.status]} />
        <Fact name={words.server} value={state.baseUrl} />
        <Fact name={words.version} value={state.serverVersion ?? words.unknown} />
        <Fact
          name={words.latency}
          value={state.latencyMs === null ? words.unknown : words.milliseconds(Math.round(state.latencyMs))}
        />
        <Fact
          name={words.lastHeard}
          value={state.lastHeardAtMs === null ? strings.time.never : ago(state.lastHeardAtMs, now)}
        />
        <Fact name={words.lastSeq} value={lastEvent ? String(lastEvent.seq) : words.unknown} />
        <Fact name={words.queue} value={outboxDepth === 0 ? words.queueEmpty : String(outboxDepth)} />
        {state.failures > 0 && state.status !== "live" ? (
          <Fact name={words.failures} value={String(state.failures)} />
        ) : null}
        {seconds !== null ? (
          <Fact name={words.nextTry} value={strings.time.inSeconds(Math.max(0, seconds))} />
        ) : null}
      </ListGroup>
      {state.problem ? (
        <Text variant="small" color="danger">
          {`${state.problem.detail} ${state.problem.action}`}
        </Text>
      ) : null}
      <Button title={words.retry} kind="quiet" icon="refresh" onPress={() => connection.retryNow()} />
      {entries.length > 0 ? (
        <ListGroup title={words.outbox}>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} onLeave={onLeave} />
          ))}
        </ListGroup>
      ) : null}
    </>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <ListRow
    title={name}
    end={
      <Text color="soft" style={styles.value}>
        {value}
      </Text>
    }
  />
);

/** What a person has written of it. */
const wordsOf = (command: OutboxEntry["command"]): string => {
  if (command.type === "create_task") return command.task.prompt;
  if (command.type === "fork") return command.fork.prompt;
  return "text" in command ? command.text : "";
};

function Entry({ entry, onLeave }: { entry: OutboxEntry; onLeave: () => void }) {
  const server = useServer();
  const { outbox } = server;
  const { command } = entry;
  const text = wordsOf(command);
  const failed = (error: unknown) => toast(troubleOf(error).title);
  const reason = reasonOf(entry);
  const isStuck = entry.status !== "sending";
  return (
    <View style={styles.entry}>
      <Text>{strings.command[command.type] ?? command.type}</Text>
      {text ? (
        <Text variant="small" color="soft" numberOfLines={2}>
          {text}
        </Text>
      ) : null}
      {reason ? (
        <Text variant="small" color={entry.status === "refused" ? "danger" : "soft"}>
          {reason}
        </Text>
      ) : null}
      {isStuck ? (
        <View style={styles.buttons}>
          {entry.status === "needs_confirmation" ? (
            <Button
              title={words.confirm}
              isCompact
              onPress={() => void outbox.confirm(entry.id).catch(failed)}
            />
          ) : null}
          {isNewTask(entry) ? <EditUnsent entry={entry} onEdited={onLeave} /> : null}
          <Button
            title={words.withdraw}
            kind="quiet"
            isCompact
            onPress={() => void discardCommand(server, entry).catch(failed)}
          />
        </View>
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  value: { flexShrink: 1, textAlign: "right", maxWidth: "60%" },
  entry: { padding: space.l, gap: space.xs },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: space.s, marginTop: space.xs },
});
