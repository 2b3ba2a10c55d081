import { type ChatRow, chatRows, isAtRest, type OpenTaskState, Value } from "@farhand/client/app";
import { useCallback, useMemo, useState } from "react";
import { StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { CaughtUpBanner } from "../../connection/caught-up-banner.tsx";
import { useOpenTask, useTaskHandle } from "../open-task.tsx";
import { Announcer } from "./announcer.tsx";
import { type ChatContextValue, ChatProvider } from "./chat-context.tsx";
import { ChatList } from "./chat-list.tsx";
import { Composer } from "./composer/composer.tsx";
import { EditPendingSheet } from "./edit-pending-sheet.tsx";
import { RowMenu } from "./row-menu.tsx";
import { findStep, StepSheet } from "./rows/step-sheet.tsx";
import { isStopUnderWay, looseEntries } from "./stuck/stuck.ts";
import { StuckCommands } from "./stuck/stuck-commands.tsx";
import { useForkArrival } from "./use-fork-arrival.ts";
import { useTaskEntries } from "./use-task-entries.ts";

const { chat: words } = strings;

/** The conversation with the agent, and what is written to it. */
export function Chat() {
  const { taskId, view, status } = useOpenTask();
  const entries = useTaskEntries(taskId);
  const rows = useMemo(() => chatRows(view, entries), [view, entries]);
  const [menu, setMenu] = useState<string | null>(null);
  const [step, setStep] = useState<{ rowId: string; stepId: string } | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  useForkArrival(taskId);
  const chat = useMemo<ChatContextValue>(
    () => ({
      taskId,
      openMenu: (row) => setMenu(row.id),
      openStep: (rowId, stepId) => setStep({ rowId, stepId }),
      editPending: setEditing,
      unfolded: new Value<ReadonlySet<string>>(new Set()),
    }),
    [taskId],
  );
  const find = (id: string | null): ChatRow | null => rows.find((row) => row.id === id) ?? null;
  const edited = find(editing);
  const { header } = view;
  const isWorking = header !== null && !isAtRest(header.state);
  return (
    <ChatProvider value={chat}>
      <View style={styles.chat}>
        <CaughtUp />
        {header === null && (rows.length === 0 ? status !== "live" : ON_ITS_WAY.includes(status)) ? (
          <Skeleton />
        ) : (
          <ChatList rows={rows} view={view} />
        )}
        <Announcer rows={rows} seq={view.seq} isLive={status === "live"} />
        <StuckCommands entries={looseEntries(view, entries)} />
        <Composer
          taskId={taskId}
          isWorking={isWorking}
          isStopping={header?.stopping != null || entries.some(isStopUnderWay)}
          closed={header?.isRemoved ? words.gone : header?.state === "archived" ? words.archived : null}
        />
      </View>
      <StepSheet step={step && findStep(rows, step.rowId, step.stepId)} onClose={() => setStep(null)} />
      <RowMenu row={find(menu)} onClose={() => setMenu(null)} />
      <EditPendingSheet row={edited?.kind === "pending" ? edited : null} onClose={() => setEditing(null)} />
    </ChatProvider>
  );
}

function CaughtUp() {
  const { caughtUp } = useOpenTask();
  const handle = useTaskHandle();
  const dismiss = useCallback(() => handle.dismissCaughtUp(), [handle]);
  return caughtUp ? <CaughtUpBanner events={caughtUp.events} onDismiss={dismiss} /> : null;
}

/** What waits to be sent is known before the conversation it belongs to: drawn alone, it would jump to its place. */
const ON_ITS_WAY: readonly OpenTaskState["status"][] = ["loading", "syncing"];

const styles = StyleSheet.create({ chat: { flex: 1, minHeight: 0 } });
