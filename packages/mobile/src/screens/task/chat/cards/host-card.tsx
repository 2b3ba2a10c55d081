import type { HostRow } from "@farhand/client/app";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat } from "../chat-context.tsx";
import { EntryStanding } from "../stuck/entry-standing.tsx";
import { isStuck } from "../stuck/stuck.ts";
import { useAsk } from "../use-ask.ts";
import { Card, cardStyles } from "./card.tsx";
import { useCardEntry } from "./use-card-entry.ts";

const { chat: words } = strings;

/** The agent wanted to reach a host and was not let. The turn goes on meanwhile, so nothing waits for this. */
export function HostCard({ row }: { row: HostRow }) {
  const { taskId } = useChat();
  const ask = useAsk();
  const isAsking = row.status === "open";
  const given = useCardEntry(
    taskId,
    isAsking,
    (command) => command.type === "allow_host" && command.host === row.pattern,
  );
  const isOpen = isAsking && !given;
  const host = row.port === 443 ? row.host : `${row.host}:${row.port}`;
  return (
    <Card icon="globe" title={words.host} isOpen={isOpen || (given !== null && isStuck(given))}>
      <Text>{[words.hostText(host), words.hostRule[row.rule] ?? ""].filter(Boolean).join(" ")}</Text>
      {given ? <EntryStanding entry={given} /> : null}
      {row.status === "allowed" ? (
        <Text variant="small" color="ok">
          {words.hostAllowed(row.pattern)}
        </Text>
      ) : null}
      {isOpen ? (
        <View style={cardStyles.buttons}>
          <Button
            title={words.allowHost(row.pattern)}
            kind="quiet"
            icon="check"
            isCompact
            onPress={() => void ask({ type: "allow_host", taskId, host: row.pattern })}
          />
        </View>
      ) : null}
    </Card>
  );
}
