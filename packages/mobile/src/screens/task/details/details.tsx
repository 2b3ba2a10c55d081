import type { TaskHeader } from "@farhand/client/app";
import type { Task } from "@farhand/protocol";
import { useRouter } from "expo-router";
import { useConnection } from "../../../data/server.tsx";
import { useNow } from "../../../data/use-now.ts";
import { dollars, tokens } from "../../../format/amounts.ts";
import { repositoryName } from "../../../format/repository.ts";
import { ago } from "../../../format/time.ts";
import { openUrl } from "../../../platform/open-url";
import { strings } from "../../../strings/strings.ts";
import { ListGroup, ListRow } from "../../../ui/list-row.tsx";
import { Text } from "../../../ui/text.tsx";
import { safeLink } from "../chat/markdown/safe-link.ts";
import { bytes } from "../chat/rows/fact-rows.tsx";
import { useOpenTask } from "../open-task.tsx";
import { Fact } from "./fact.tsx";
import { Limits } from "./limits.tsx";
import { Timeline } from "./timeline.tsx";

const { details: words } = strings;

export function Details() {
  const { task, view } = useOpenTask();
  const { header } = view;
  if (!task) return null;
  return (
    <>
      <Text>{task.prompt}</Text>
      <Cost task={task} header={header} />
      <Limits task={task} header={header} />
      <Code task={task} header={header} />
      <Container task={task} header={header} />
      <ConnectionFacts />
      <Timeline entries={view.timeline.toArray()} />
    </>
  );
}

interface Known {
  task: Task;
  /** Null until the log is here; the list's row then says what it knows. */
  header: TaskHeader | null;
}

function Cost({ task, header }: Known) {
  const usage = header?.usage ?? task.usage;
  const isPartial = header?.isCostPartial ?? task.unpricedTokens > 0;
  return (
    <ListGroup title={words.cost}>
      <Fact name={words.costTask} value={dollars(header?.costUsd ?? task.costUsd)} />
      {header ? <Fact name={words.costTurn} value={dollars(header.turnCostUsd)} /> : null}
      {isPartial ? <ListRow title={words.costPartial} icon="info" /> : null}
      {header && header.contextTokens > 0 ? (
        <Fact name={words.contextNow} value={words.amount(tokens(header.contextTokens))} />
      ) : null}
      <Fact name={words.tokensIn} value={words.amount(tokens(usage.inputTokens))} />
      <Fact name={words.tokensOut} value={words.amount(tokens(usage.outputTokens))} />
      <Fact name={words.tokensCached} value={words.amount(tokens(usage.cacheReadInputTokens))} />
      <Fact name={words.tokensToCache} value={words.amount(tokens(usage.cacheCreationInputTokens))} />
    </ListGroup>
  );
}

function Code({ task, header }: Known) {
  const { pullRequestUrl } = task;
  const pull = header?.pullRequest ?? null;
  const url = safeLink(pull?.url ?? pullRequestUrl ?? "");
  const checkpoint = header?.checkpoint ?? task.commit;
  return (
    <ListGroup title={words.code}>
      <Fact name={words.repository} value={repositoryName(task.repository)} />
      <Fact name={words.branch} value={header?.branch ?? task.branch} isMono />
      {task.baseBranch ? <Fact name={words.baseBranch} value={task.baseBranch} isMono /> : null}
      {checkpoint ? <Fact name={words.checkpoint} value={checkpoint.slice(0, 10)} isMono /> : null}
      {header?.published ? (
        <Fact
          name={words.changes}
          value={strings.chat.changed(
            header.published.filesChanged,
            header.published.insertions,
            header.published.deletions,
          )}
        />
      ) : null}
      {url ? (
        <ListRow
          title={words.pullRequest}
          detail={[pull?.number ? `#${pull.number}` : "", pull ? words.pullRequestState[pull.state] : ""]
            .filter(Boolean)
            .join(", ")}
          icon="pull"
          onPress={() => openUrl(url)}
        />
      ) : (
        <Fact name={words.pullRequest} value={words.noPullRequest} />
      )}
    </ListGroup>
  );
}

function Container({ task, header }: Known) {
  const router = useRouter();
  const now = useNow();
  const forkedFrom = header?.forkedFrom ?? task.forkedFrom;
  return (
    <ListGroup title={words.container}>
      <Fact name={words.model} value={task.model} isMono />
      <Fact name={words.turn} value={String(header?.turn ?? task.turn)} />
      <Fact name={words.attempt} value={String(header?.attempt ?? task.attempt)} />
      <Fact
        name={words.sandbox}
        value={header?.sandbox ?? words.noSandbox}
        isMono={header?.sandbox != null}
      />
      {task.diskBytes === null ? null : <Fact name={words.disk} value={bytes(task.diskBytes)} />}
      <Fact name={words.created} value={ago(task.createdAt, now)} />
      {header ? <Fact name={words.lastEvent} value={ago(header.lastEventAt, now)} /> : null}
      {forkedFrom ? (
        <ListRow
          title={words.forkedFrom}
          detail={forkedFrom.taskId}
          icon="fork"
          onPress={() => router.navigate(`/task/${forkedFrom.taskId}`)}
        />
      ) : null}
    </ListGroup>
  );
}

function ConnectionFacts() {
  const { status, view } = useOpenTask();
  const connection = useConnection();
  return (
    <ListGroup title={words.connection}>
      <Fact name={strings.connection.status} value={strings.connection[connection.status]} />
      <Fact name={words.thisTask} value={words.taskStatus[status]} />
      <Fact name={strings.connection.lastSeq} value={String(view.seq)} />
      <Fact
        name={strings.connection.latency}
        value={
          connection.latencyMs === null
            ? strings.connection.unknown
            : strings.connection.milliseconds(Math.round(connection.latencyMs))
        }
      />
    </ListGroup>
  );
}
