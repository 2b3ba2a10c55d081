import type {
  ForkedRow,
  NoticeRow,
  PullRequestRow,
  RemovedRow,
  RestoredRow,
  RollBackRow,
  SetupRow,
  UnknownRow,
} from "@farhand/client/app";
import { useRouter } from "expo-router";
import { openUrl } from "../../../../platform/open-url";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { safeLink } from "../markdown/safe-link.ts";
import { TerminalText } from "../output/terminal-text.tsx";
import { FactLine } from "./fact-line.tsx";
import { duration } from "./step-words.ts";

const { chat: words } = strings;

export type FactRow =
  | ForkedRow
  | NoticeRow
  | PullRequestRow
  | RemovedRow
  | RestoredRow
  | RollBackRow
  | SetupRow
  | UnknownRow;

export function FactRowView({ row }: { row: FactRow }) {
  switch (row.kind) {
    case "notice":
      return row.level === "warning" ? (
        <FactLine icon="alert" text={row.text} color="warn" />
      ) : (
        <FactLine icon="info" text={row.text} />
      );
    case "setup":
      return <Setup row={row} />;
    case "pull_request":
      return <PullRequest row={row} />;
    case "rolled_back":
      return <FactLine icon="undo" text={words.rolledBackTo(row.toTurn)} />;
    case "restored":
      return (
        <FactLine
          icon="refresh"
          text={words.restored}
          detail={row.lost.length > 0 ? words.lost(row.lost.join(", ")) : undefined}
        />
      );
    case "removed":
      return <FactLine icon="trash" text={words.removed(bytes(row.freedBytes))} />;
    case "forked":
      return <Forked row={row} />;
    case "unknown":
      return (
        <FactLine
          icon="alert"
          color="warn"
          text={words.unknownTitle}
          detail={`${strings.app.updateNeeded} (${row.type})`}
        />
      );
  }
}

function Setup({ row }: { row: SetupRow }) {
  const took = row.durationMs === null ? "" : `, ${duration(row.durationMs)}`;
  if (row.exitCode === null || row.exitCode === 0)
    return (
      <FactLine
        icon="terminal"
        text={`${row.isCached ? words.setupCached : words.setup}: ${row.path}${took}`}
      />
    );
  return (
    <FactLine icon="alert" color="danger" text={`${words.setupFailed(row.exitCode)}: ${row.path}${took}`}>
      {row.tail ? <TerminalText text={row.tail} label={words.output} /> : null}
    </FactLine>
  );
}

function PullRequest({ row }: { row: PullRequestRow }) {
  const url = safeLink(row.url);
  const text = words.pullRequest[row.change];
  return (
    <FactLine
      icon="pull"
      color={row.change === "closed" ? "soft" : "ok"}
      text={row.number === null ? text : words.numbered(text, row.number)}
    >
      {url ? (
        <Button
          title={strings.tasks.openPullRequest}
          kind="quiet"
          icon="link"
          isCompact
          onPress={() => openUrl(url)}
        />
      ) : null}
    </FactLine>
  );
}

function Forked({ row }: { row: ForkedRow }) {
  const router = useRouter();
  return (
    <FactLine icon="fork" text={words.forkedFrom(row.from.turn)}>
      <Button
        title={words.openOrigin}
        kind="quiet"
        isCompact
        onPress={() => router.navigate(`/task/${row.from.taskId}`)}
      />
    </FactLine>
  );
}

/** "12 MB" */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${Math.round(count / 1_000)} kB`;
  if (count < 1_000_000_000) return `${Math.round(count / 1_000_000)} MB`;
  return `${(count / 1_000_000_000).toFixed(1)} GB`;
}
