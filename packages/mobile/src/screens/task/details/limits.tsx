import type { TaskHeader } from "@farhand/client/app";
import type { BudgetUse, Task } from "@farhand/protocol";
import { useRouter } from "expo-router";
import { StyleSheet, View } from "react-native";
import { dollars, tokens } from "../../../format/amounts.ts";
import { strings } from "../../../strings/strings.ts";
import { space } from "../../../theme/tokens.ts";
import { ListGroup, ListRow } from "../../../ui/list-row.tsx";
import { spentWords } from "../chat/cards/raise.ts";
import { RaiseBudget } from "../chat/cards/raise-budget.tsx";
import { EntryStanding } from "../chat/stuck/entry-standing.tsx";
import { useTaskEntries } from "../chat/use-task-entries.ts";
import { Meter } from "./meter.tsx";

const { details: words } = strings;

interface LimitsProps {
  task: Task;
  /** Null until the log is here; the list's row then says what it knows. */
  header: TaskHeader | null;
}

/** How much of the task's own limit is used, and a higher one. */
export function Limits({ task, header }: LimitsProps) {
  const use = usageOf(task, header);
  const { limit, spent } = use;
  const { maxUsd, maxTokens } = limit;
  const hasLimit = maxUsd !== null || maxTokens !== null;
  const isOver = (header?.state ?? task.state) === "archived";
  return (
    <ListGroup title={words.limits}>
      {maxUsd === null ? null : (
        <Meter
          title={words.limitUsd}
          text={`${dollars(spent.usd)} / ${dollars(maxUsd)}`}
          share={maxUsd === 0 ? 1 : spent.usd / maxUsd}
        />
      )}
      {maxTokens === null ? null : (
        <Meter
          title={words.limitTokens}
          text={`${tokens(spent.tokens)} / ${tokens(maxTokens)}`}
          share={maxTokens === 0 ? 1 : spent.tokens / maxTokens}
        />
      )}
      {hasLimit ? null : <ListRow title={words.noLimit} />}
      {hasLimit && !isOver ? <Raise taskId={task.id} use={use} /> : null}
      <OtherLimit use={header?.budgetReached ?? task.budgetReached} />
    </ListGroup>
  );
}

function Raise({ taskId, use }: { taskId: string; use: BudgetUse }) {
  const given = useTaskEntries(taskId).find(({ command }) => command.type === "set_budget");
  return (
    <View style={styles.raise}>
      {given ? <EntryStanding entry={given} /> : <RaiseBudget taskId={taskId} use={use} isMain={false} />}
    </View>
  );
}

/** What holds the task where raising its own limit would not help. */
function OtherLimit({ use }: { use: BudgetUse | null }) {
  const router = useRouter();
  if (use === null || use.scope === "task") return null;
  return (
    <ListRow
      title={strings.chat.budgetReached}
      detail={spentWords(use)}
      icon="dollar"
      onPress={() => router.navigate("/settings/budgets")}
    />
  );
}

function usageOf(task: Task, header: TaskHeader | null): BudgetUse {
  const usage = header?.usage ?? task.usage;
  const { inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens } = usage;
  return {
    scope: "task",
    limit: header?.budget ?? task.budget,
    spent: {
      usd: header?.costUsd ?? task.costUsd,
      tokens: inputTokens + outputTokens + cacheCreationInputTokens + cacheReadInputTokens,
    },
  };
}

const styles = StyleSheet.create({
  raise: { gap: space.m, paddingHorizontal: space.l, paddingVertical: space.m },
});
