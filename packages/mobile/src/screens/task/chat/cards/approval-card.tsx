import type { ApprovalRow } from "@farhand/client/app";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat } from "../chat-context.tsx";
import { useAsk } from "../use-ask.ts";
import { useTaskEntries } from "../use-task-entries.ts";
import { Card, cardStyles } from "./card.tsx";

const { chat: words } = strings;

/** Publishing was held back. Allowing holds for this once; denying tells the agent to take the changes back. */
export function ApprovalCard({ row }: { row: ApprovalRow }) {
  const { taskId } = useChat();
  const ask = useAsk();
  const given = useTaskEntries(taskId).find(({ command }) => command.type === "approve");
  const isOpen = row.status === "open" && !given;
  return (
    <Card icon="lock" title={words.approval} isOpen={isOpen}>
      <Text>{row.message}</Text>
      {isOpen && row.action ? (
        <Text variant="small" color="soft">
          {row.action}
        </Text>
      ) : null}
      {given ? (
        <Text variant="small" color="soft" role="status">
          {given.reason ?? words.onItsWay}
        </Text>
      ) : null}
      {row.status === "open" ? null : (
        <Text variant="small" color={row.status === "given" ? "ok" : "soft"}>
          {row.status === "given" ? words.approvalGiven : words.approvalPast}
        </Text>
      )}
      {isOpen ? (
        <View style={cardStyles.buttons}>
          <Button
            title={words.allowOnce}
            icon="check"
            isCompact
            onPress={() => void ask({ type: "approve", taskId, kind: row.approval })}
          />
          <Button
            title={words.deny}
            kind="danger"
            isCompact
            onPress={() => void ask({ type: "send_message", taskId, text: words.denyMessage })}
          />
        </View>
      ) : null}
    </Card>
  );
}
