import { useRouter } from "expo-router";
import { View } from "react-native";
import { dollars } from "../../format/amounts.ts";
import { repositoryName } from "../../format/repository.ts";
import { useLayout } from "../../layout/use-layout.ts";
import { openUrl } from "../../platform/open-url";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Pill } from "../../ui/pill.tsx";
import { Screen } from "../../ui/screen.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { stateOf, titleOf } from "../tasks/standing.ts";
import { useOpenTask } from "./open-task.tsx";

/** What is known of the task at a glance. */
export function TaskSummaryScreen() {
  const router = useRouter();
  const { isWide } = useLayout();
  const { task, status } = useOpenTask();
  const back = isWide ? undefined : () => (router.canGoBack() ? router.back() : router.replace("/"));
  if (status === "gone")
    return (
      <Screen title={strings.task.gone} onBack={back}>
        <EmptyState icon="question" title={strings.task.gone} text={strings.task.goneText} />
      </Screen>
    );
  if (!task)
    return (
      <Screen title={strings.common.loading} onBack={back}>
        <Skeleton />
      </Screen>
    );
  const state = stateOf(task);
  const { pullRequestUrl } = task;
  return (
    <Screen
      title={titleOf(task)}
      subtitle={repositoryName(task.repository)}
      onBack={back}
      banner={<ConnectionBanner />}
      isForm
    >
      <View style={{ flexDirection: "row", gap: space.s }}>
        <Pill text={state.text} tone={state.tone} />
      </View>
      <Text>{task.summary ?? task.prompt}</Text>
      {task.failure ? <Text color="danger">{`${task.failure.message} ${task.failure.action}`}</Text> : null}
      <ListGroup>
        <ListRow title={task.branch} icon="branch" isMono />
        {pullRequestUrl ? (
          <ListRow
            title={strings.tasks.openPullRequest}
            icon="pull"
            onPress={() => openUrl(pullRequestUrl)}
          />
        ) : null}
        <ListRow title={task.model} icon="spark" detail={dollars(task.costUsd)} />
      </ListGroup>
    </Screen>
  );
}
