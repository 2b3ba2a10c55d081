import type { BudgetRow } from "@farhand/client/app";
import { useRouter } from "expo-router";
import { useState } from "react";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { useChat } from "../chat-context.tsx";
import { EntryStanding } from "../stuck/entry-standing.tsx";
import { isStuck } from "../stuck/stuck.ts";
import { useAsk } from "../use-ask.ts";
import { Card, cardStyles } from "./card.tsx";
import { proposals, spentWords, tightest, typedLimit } from "./raise.ts";
import { useCardEntry } from "./use-card-entry.ts";

const { chat: words } = strings;

/** A limit is used up and the agent waits, or soon will be. Only the task's own is raised here. */
export function BudgetCard({ row }: { row: BudgetRow }) {
  const { taskId } = useChat();
  const router = useRouter();
  const ask = useAsk();
  const isAsking = row.status === "open";
  const given = useCardEntry(taskId, row.status !== "past", ({ type }) => type === "set_budget");
  const isOpen = isAsking && !given;
  const { use } = row;
  return (
    <Card
      icon="dollar"
      title={row.status === "warning" ? words.budgetWarning : words.budgetReached}
      isOpen={isOpen || (isAsking && given !== null && isStuck(given))}
    >
      <Text>{spentWords(use)}</Text>
      {/* A warning may stand above others; what got stuck is then shown once, below. */}
      {given && (isAsking || !isStuck(given)) ? <EntryStanding entry={given} /> : null}
      {row.status === "past" ? (
        <Text variant="small" color="soft">
          {words.budgetPast}
        </Text>
      ) : null}
      {row.status !== "past" && !given && use.scope === "task" ? <Raise row={row} /> : null}
      {isOpen ? (
        <View style={cardStyles.buttons}>
          {use.scope === "task" ? null : (
            <Button
              title={words.raiseInSettings}
              isCompact
              onPress={() => router.navigate("/settings/budgets")}
            />
          )}
          <Button
            title={words.stopTask}
            icon="stop"
            kind="danger"
            isCompact
            onPress={() => void ask({ type: "stop", taskId })}
          />
        </View>
      ) : null}
    </Card>
  );
}

function Raise({ row }: { row: BudgetRow }) {
  const { taskId } = useChat();
  const ask = useAsk();
  const [text, setText] = useState<string | null>(null);
  const { use } = row;
  const typed = text === null ? null : typedLimit(use, text);
  return (
    <>
      <View style={cardStyles.buttons}>
        {proposals(use).map(({ title, budget }) => (
          <Button
            key={title}
            title={title}
            kind={row.status === "open" ? "main" : "quiet"}
            isCompact
            onPress={() => void ask({ type: "set_budget", taskId, budget })}
          />
        ))}
        {text === null ? (
          <Button title={words.raiseOther} kind="quiet" isCompact onPress={() => setText("")} />
        ) : null}
      </View>
      {text === null ? null : (
        <>
          <TextField
            label={tightest(use) === "usd" ? words.raiseField : words.raiseFieldTokens}
            inputMode="decimal"
            value={text}
            onChangeText={setText}
          />
          <Button
            title={words.raise}
            isCompact
            isDisabled={typed === null}
            onPress={() => {
              if (typed) void ask({ type: "set_budget", taskId, budget: typed });
            }}
          />
        </>
      )}
    </>
  );
}
