import { useRouter } from "expo-router";
import { type ReactNode, useState } from "react";
import { StyleSheet, View } from "react-native";
import { useConnection } from "../../data/server.tsx";
import { repositoryName } from "../../format/repository.ts";
import { useLayout } from "../../layout/use-layout.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Pill } from "../../ui/pill.tsx";
import { Screen } from "../../ui/screen.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { ConnectionButton } from "../connection/connection-button.tsx";
import { stateOf, titleOf } from "../tasks/standing.ts";
import { TaskActionsSheet } from "../tasks/task-actions-sheet.tsx";
import { useTaskActions } from "../tasks/use-task-actions.ts";
import { useOpenTask } from "./open-task.tsx";
import { type TaskPart, TaskTabs } from "./task-tabs.tsx";

/** What stands above every part of a task: its title, how it stands, what can be done with it, and the other parts. */
export function TaskFrame({
  part,
  isForm = false,
  actions,
  children,
}: {
  part: TaskPart;
  /** As in `Screen`. */
  isForm?: boolean;
  /** What this part alone offers, before what every part does. */
  actions?: ReactNode;
  children?: ReactNode;
}) {
  const router = useRouter();
  const { isWide } = useLayout();
  const act = useTaskActions();
  const [isOpen, setOpen] = useState(false);
  const { task, view, status, taskId } = useOpenTask();
  const isOffline = useConnection().status === "offline";
  const back = isWide ? undefined : () => (router.canGoBack() ? router.back() : router.replace("/"));
  if (status === "gone")
    return (
      <Screen title={strings.task.gone} onBack={back}>
        <EmptyState icon="question" title={strings.task.gone} text={strings.task.goneText} />
      </Screen>
    );
  if (!task && isOffline)
    return (
      <Screen title={strings.task.notHere} onBack={back} banner={<ConnectionBanner />}>
        <EmptyState icon="offline" title={strings.task.notHere} text={strings.task.notHereText} />
      </Screen>
    );
  if (!task)
    return (
      <Screen title={strings.common.loading} onBack={back} banner={<ConnectionBanner />}>
        <Skeleton />
      </Screen>
    );
  // The log is ahead of the list's row while a turn runs.
  const { header } = view;
  const current = header ? { ...task, title: header.title ?? task.title } : task;
  const state = stateOf(current);
  return (
    <Screen
      title={titleOf(current)}
      subtitle={
        <View style={styles.standing}>
          <Pill text={state.text} tone={state.tone} />
          <Text variant="small" color="soft" numberOfLines={1} style={styles.repository}>
            {repositoryName(task.repository)}
          </Text>
        </View>
      }
      onBack={back}
      actions={
        <>
          {actions}
          <ConnectionButton />
          <IconButton icon="more" label={strings.task.actions} onPress={() => setOpen(true)} />
        </>
      }
      below={<TaskTabs taskId={taskId} current={part} />}
      banner={<ConnectionBanner />}
      isForm={isForm}
    >
      {children}
      <TaskActionsSheet
        task={isOpen ? current : null}
        onClose={() => setOpen(false)}
        onOpen={() => setOpen(false)}
        onAction={act}
      />
    </Screen>
  );
}

const styles = StyleSheet.create({
  standing: { flexDirection: "row", alignItems: "center", gap: space.s },
  repository: { flexShrink: 1 },
});
