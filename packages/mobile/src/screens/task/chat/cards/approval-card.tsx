import type { ApprovalRow, Command } from "@farhand/client/app";
import { useRouter } from "expo-router";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { useChat } from "../chat-context.tsx";
import { EntryStanding } from "../stuck/entry-standing.tsx";
import { isStuck } from "../stuck/stuck.ts";
import { useAsk } from "../use-ask.ts";
import { useDraftField } from "../use-draft-field.ts";
import { Card, cardStyles } from "./card.tsx";
import { useCardEntry } from "./use-card-entry.ts";

const { chat: words } = strings;

/** A denial is a message. While it waits, nothing else is to be said of the same work. */
const isAnswer = (command: Command): boolean =>
  command.type === "approve" ||
  (command.type === "send_message" && command.text.startsWith(words.denyMessage("")));

/** Publishing was held back. Allowing holds for this once; denying tells the agent to take the changes back. */
export function ApprovalCard({ row }: { row: ApprovalRow }) {
  const { taskId } = useChat();
  const isAsking = row.status === "open";
  const given = useCardEntry(taskId, isAsking, isAnswer);
  return (
    <Card icon="lock" title={words.approval} isOpen={isAsking && (!given || isStuck(given))}>
      <Text>{row.message}</Text>
      {given ? <EntryStanding entry={given} /> : null}
      {isAsking ? null : (
        <Text variant="small" color={row.status === "given" ? "ok" : "soft"}>
          {row.status === "given" ? words.approvalGiven : words.approvalPast}
        </Text>
      )}
      {isAsking && !given ? <Choice row={row} /> : null}
    </Card>
  );
}

function Choice({ row }: { row: ApprovalRow }) {
  const { taskId } = useChat();
  const router = useRouter();
  const ask = useAsk();
  // What comes after it has not been looked at: an approval that waits for a connection is not meant for that.
  const seen = row.commit === null ? {} : { commit: row.commit };
  // A reason that was begun is there again, with the question it answers.
  const [reason, setReason] = useDraftField(taskId, `deny/${row.seq}`);
  if (reason === null)
    return (
      <>
        <Text variant="small" color="soft">
          {words.approvalHint}
        </Text>
        <View style={cardStyles.buttons}>
          <Button
            title={words.allowOnce}
            icon="check"
            isCompact
            onPress={() => void ask({ type: "approve", taskId, kind: row.approval, ...seen })}
          />
          <Button title={words.deny} kind="danger" isCompact onPress={() => setReason("")} />
          <Button
            title={words.lookAtChanges}
            kind="quiet"
            icon="eye"
            isCompact
            onPress={() => router.navigate(`/task/${taskId}/changes`)}
          />
        </View>
      </>
    );
  const deny = () =>
    void ask({ type: "send_message", taskId, text: words.denyMessage(reason.trim()) }).then((entry) => {
      if (entry) setReason(null);
    });
  return (
    <>
      <TextField
        label={words.denyReason}
        hint={words.denyHint}
        lines={2}
        autoFocus
        value={reason}
        onChangeText={setReason}
      />
      <View style={cardStyles.buttons}>
        <Button title={words.denySend} kind="danger" icon="send" isCompact onPress={deny} />
        <Button title={strings.common.cancel} kind="quiet" isCompact onPress={() => setReason(null)} />
      </View>
    </>
  );
}
