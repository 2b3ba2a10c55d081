import type { ChatRow } from "@farhand/client/app";
import { Fragment, memo, type ReactNode } from "react";
import { StyleSheet } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Past } from "../../../../theme/theme.tsx";
import { space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { ApprovalCard } from "../cards/approval-card.tsx";
import { BudgetCard } from "../cards/budget-card.tsx";
import { HostCard } from "../cards/host-card.tsx";
import { QuestionCard } from "../cards/question-card.tsx";
import { useChat } from "../chat-context.tsx";
import { hasMenu } from "../row-actions.ts";
import { FactRowView } from "./fact-rows.tsx";
import { PendingRowView } from "./pending-row.tsx";
import { RowSurface } from "./row-surface";
import { StepsRowView } from "./steps-row.tsx";
import { AssistantRowView, PreparingRowView, ThinkingRowView, UserRowView } from "./text-rows.tsx";
import { TurnEndRowView } from "./turn-end-row.tsx";

/** One row of the chat. Rows that did not change are the same objects, so they are not drawn again. */
export const ChatRowView = memo(function ChatRowView({
  row,
  isDiscarded,
}: {
  row: ChatRow;
  isDiscarded: boolean;
}) {
  const { openMenu } = useChat();
  const Colours = isDiscarded ? Past : Fragment;
  return (
    <RowSurface
      style={styles.row}
      testID={`row-${row.kind}`}
      onMenu={hasMenu(row) ? () => openMenu(row) : null}
    >
      {isDiscarded && row.kind === "user" ? (
        <Text variant="tiny" color="soft" style={styles.note}>
          {strings.chat.discarded}
        </Text>
      ) : null}
      <Colours>{bodyOf(row)}</Colours>
    </RowSurface>
  );
});

function bodyOf(row: ChatRow): ReactNode {
  switch (row.kind) {
    case "user":
      return <UserRowView row={row} />;
    case "pending":
      return <PendingRowView row={row} />;
    case "assistant":
      return <AssistantRowView row={row} />;
    case "thinking":
      return <ThinkingRowView row={row} />;
    case "preparing":
      return <PreparingRowView row={row} />;
    case "steps":
      return <StepsRowView row={row} />;
    case "question":
      return <QuestionCard row={row} />;
    case "approval":
      return <ApprovalCard row={row} />;
    case "budget":
      return <BudgetCard row={row} />;
    case "host":
      return <HostCard row={row} />;
    case "turn_end":
      return <TurnEndRowView row={row} />;
    default:
      return <FactRowView row={row} />;
  }
}

const styles = StyleSheet.create({
  row: { paddingHorizontal: space.l, paddingVertical: 6 },
  note: { textAlign: "right" },
});
