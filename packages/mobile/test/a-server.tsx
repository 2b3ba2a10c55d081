import {
  type CaughtUp,
  type Command,
  type ConnectionState,
  createDeviceCache,
  createMemoryStore,
  formatReview,
  type NewTaskDraft,
  type OutboxEntry,
  type RestApi,
  type ReviewComment,
  type ServerStore,
  type TaskDraft,
  type TaskListState,
  Value,
} from "@farhand/client/app";
import { render } from "@testing-library/react-native";
import type { ReactElement, ReactNode } from "react";
import { SafeAreaProvider } from "react-native-safe-area-context";
import { GivenServer } from "../src/data/server.tsx";
import { ThemeProvider } from "../src/theme/theme.tsx";

export const EMPTY_DRAFT: NewTaskDraft = {
  repository: "",
  prompt: "",
  model: null,
  baseBranch: null,
  maxUsd: null,
  maxTokens: null,
};

const LIVE: ConnectionState = {
  status: "live",
  baseUrl: "https://farhand.example.com",
  serverVersion: "0.1.0",
  latencyMs: 12,
  lastHeardAtMs: null,
  lastEvent: null,
  outboxDepth: 0,
  nextRetryAtMs: null,
  failures: 0,
  problem: null,
};

/** A server whose parts a test sets by hand, and which notes what it is asked for. */
export function aServer(client: Partial<RestApi> = {}) {
  const parts = {
    tasks: new Value<TaskListState>({ tasks: [], status: "live" }),
    connection: new Value<ConnectionState>(LIVE),
    caughtUp: new Value<CaughtUp | null>(null),
    outbox: new Value<readonly OutboxEntry[]>([]),
    newTask: new Value<NewTaskDraft>(EMPTY_DRAFT),
    draft: new Value<TaskDraft>({ text: "", comments: [], viewed: {} }),
  };
  const asked: Command[] = [];
  const retries = { count: 0 };
  const changeDraft = (change: (draft: TaskDraft) => Partial<TaskDraft>) => {
    const before = parts.draft.getSnapshot();
    parts.draft.set({ ...before, ...change(before) });
  };
  const store = {
    baseUrl: LIVE.baseUrl,
    client: client as RestApi,
    cache: createDeviceCache(createMemoryStore(), {
      onError: (error) => {
        throw error;
      },
    }),
    tasks: parts.tasks,
    caughtUp: parts.caughtUp,
    connection: Object.assign(parts.connection, {
      nudge: () => undefined,
      retryNow: () => {
        retries.count += 1;
      },
    }),
    outbox: Object.assign(parts.outbox, {
      add: async (command: Command) => {
        asked.push(command);
        return { id: String(asked.length), command } as OutboxEntry;
      },
      withdraw: async (id: string) =>
        parts.outbox.set(parts.outbox.getSnapshot().filter((entry) => entry.id !== id)),
    }),
    drafts: {
      newTask: () => parts.newTask,
      setNewTask: (change: Partial<NewTaskDraft>) =>
        parts.newTask.set({ ...parts.newTask.getSnapshot(), ...change }),
      clearNewTask: () => parts.newTask.set(EMPTY_DRAFT),
      task: () => parts.draft,
      addComment: (_taskId: string, comment: Omit<ReviewComment, "id" | "createdAt">) =>
        changeDraft(({ comments }) => ({
          comments: [
            ...comments,
            { ...comment, id: `c${comments.length}`, createdAt: "2026-03-01T10:00:00Z" },
          ],
        })),
      removeComment: (_taskId: string, id: string) =>
        changeDraft(({ comments }) => ({ comments: comments.filter((it) => it.id !== id) })),
      setViewed: (_taskId: string, path: string, fingerprint: string | null) =>
        changeDraft(({ viewed }) => {
          const { [path]: _before, ...others } = viewed;
          return { viewed: fingerprint === null ? others : { ...others, [path]: fingerprint } };
        }),
      sendReview: async (taskId: string, note = "") => {
        asked.push({
          type: "send_message",
          taskId,
          text: formatReview(parts.draft.getSnapshot().comments, note),
        });
        changeDraft(() => ({ comments: [] }));
      },
    },
    nudge: () => undefined,
    dismissCaughtUp: () => parts.caughtUp.set(null),
  } as unknown as ServerStore;
  return { ...parts, asked, retries, store, LIVE };
}

const METRICS = {
  frame: { x: 0, y: 0, width: 390, height: 844 },
  insets: { top: 0, left: 0, right: 0, bottom: 0 },
};

function Around({ children, server }: { children: ReactNode; server?: ServerStore }) {
  const inner = server ? <GivenServer value={server}>{children}</GivenServer> : children;
  return (
    <SafeAreaProvider initialMetrics={METRICS}>
      <ThemeProvider>{inner}</ThemeProvider>
    </SafeAreaProvider>
  );
}

/** Renders with all that parts of the app find above them. */
export const renderIn = (element: ReactElement, server?: ServerStore) =>
  render(element, {
    wrapper: ({ children }: { children: ReactNode }) => (
      <Around {...(server ? { server } : {})}>{children}</Around>
    ),
  });
