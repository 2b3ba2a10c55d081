import type { BudgetRow } from "@farhand/client/app";
import { useRouter } from "expo-router";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useOpenTask } from "../../open-task.tsx";
import { useChat } from "../chat-context.tsx";
import { EntryStanding } from "../stuck/entry-standing.tsx";
import { isStuck } from "../stuck/stuck.ts";
import { useAsk } from "../use-ask.ts";
import { Card, cardStyles } from "./card.tsx";
import { spentWords } from "./raise.ts";
import { RaiseBudget } from "./raise-budget.tsx";
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
      {isAsking && !given && use.scope === "task" ? <RaiseBudget taskId={taskId} use={use} isMain /> : null}
      {row.status === "warning" && !given && use.scope === "task" ? (
        <RaiseInTime taskId={taskId} use={use} />
      ) : null}
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

/** What a warning offers, until the budget is used up: then the card below asks for it. */
function RaiseInTime({ taskId, use }: { taskId: string; use: BudgetRow["use"] }) {
  const { view } = useOpenTask();
  return view.header?.budgetReached ? null : <RaiseBudget taskId={taskId} use={use} isMain={false} />;
}
