import {
  type CaughtUp,
  type Command,
  type ConnectionState,
  createDeviceCache,
  createMemoryStore,
  DeviceAttachments,
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
  attachments: [],
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
    draft: new Value<TaskDraft>({
      text: "",
      attachments: [],
      comments: [],
      reviewNote: "",
      fields: {},
      files: {},
      viewed: {},
    }),
  };
  const local = createMemoryStore();
  let ids = 0;
  const attachments = new DeviceAttachments({ local, newId: () => `file-${++ids}`, now: () => 0 });
  const asked: Command[] = [];
  const retries = { count: 0 };
  const changeDraft = (change: (draft: TaskDraft) => Partial<TaskDraft>) => {
    const before = parts.draft.getSnapshot();
    parts.draft.set({ ...before, ...change(before) });
  };
  const outbox = Object.assign(parts.outbox, {
    add: async (command: Command) => {
      asked.push(command);
      const entry = { id: String(asked.length), command, status: "unsent" } as OutboxEntry;
      if (command.type === "archive") parts.outbox.set([...parts.outbox.getSnapshot(), entry]);
      return entry;
    },
    edit: async (id: string, text: string) => {
      asked.push({ type: "edit", id, text } as unknown as Command);
    },
    withdraw: async (id: string, { keepsAttachments = false } = {}) => {
      const entry = parts.outbox.getSnapshot().find((it) => it.id === id);
      const files = entry && "attachments" in entry.command ? (entry.command.attachments ?? []) : [];
      if (!keepsAttachments) await attachments.drop(files.map((file) => file.id));
      parts.outbox.set(parts.outbox.getSnapshot().filter((entry) => entry.id !== id));
      return { mayHaveArrived: false };
    },
    confirm: async (id: string) =>
      parts.outbox.set(
        parts.outbox
          .getSnapshot()
          .map((entry) => (entry.id === id ? { ...entry, status: "unsent", reason: null } : entry)),
      ),
  });
  const store = {
    baseUrl: LIVE.baseUrl,
    client: client as RestApi,
    cache: createDeviceCache(createMemoryStore(), {
      onError: (error) => {
        throw error;
      },
    }),
    attachments,
    tasks: parts.tasks,
    caughtUp: parts.caughtUp,
    connection: Object.assign(parts.connection, {
      nudge: () => undefined,
      retryNow: () => {
        retries.count += 1;
      },
    }),
    outbox,
    drafts: {
      newTask: () => parts.newTask,
      setNewTask: (change: Partial<NewTaskDraft>) =>
        parts.newTask.set({ ...parts.newTask.getSnapshot(), ...change }),
      settled: async () => undefined,
      clearNewTask: () => parts.newTask.set(EMPTY_DRAFT),
      task: () => parts.draft,
      setText: (_taskId: string, text: string) => changeDraft(() => ({ text })),
      setField: (_taskId: string, name: string, text: string | null) =>
        changeDraft(({ fields }) => {
          const { [name]: _before, ...others } = fields;
          return { fields: text === null ? others : { ...others, [name]: text } };
        }),
      setFiles: (_taskId: string, name: string, list: TaskDraft["attachments"]) =>
        changeDraft(({ files }) => ({ files: { ...files, [name]: list } })),
      setAttachments: (_taskId: string, list: TaskDraft["attachments"]) =>
        changeDraft(() => ({ attachments: list })),
      sent: (_taskId: string, message: Pick<TaskDraft, "text" | "attachments">) =>
        changeDraft((draft) => ({
          text: draft.text === message.text ? "" : draft.text,
          attachments: draft.attachments.filter((it) => !message.attachments.includes(it)),
        })),
      addComment: (_taskId: string, comment: Omit<ReviewComment, "id" | "createdAt">) => {
        const made = { ...comment, id: `comment-${++ids}`, createdAt: "2026-03-01T10:00:00Z" };
        changeDraft(({ comments }) => ({ comments: [...comments, made] }));
        return made;
      },
      editComment: (_taskId: string, id: string, text: string) =>
        changeDraft(({ comments }) => ({
          comments: comments.map((comment) => (comment.id === id ? { ...comment, text } : comment)),
        })),
      setReviewNote: (_taskId: string, reviewNote: string) => changeDraft(() => ({ reviewNote })),
      removeComment: (_taskId: string, id: string) =>
        changeDraft(({ comments }) => ({ comments: comments.filter((it) => it.id !== id) })),
      setViewed: (_taskId: string, path: string, fingerprint: string | null) =>
        changeDraft(({ viewed }) => {
          const { [path]: _before, ...others } = viewed;
          return { viewed: fingerprint === null ? others : { ...others, [path]: fingerprint } };
        }),
      sendReview: async (taskId: string, head: string | null) => {
        const { comments, reviewNote } = parts.draft.getSnapshot();
        const text = formatReview(comments, reviewNote, head);
        await outbox.add({ type: "send_message", taskId, text });
        changeDraft(() => ({ comments: [], reviewNote: "" }));
      },
    },
    nudge: () => undefined,
    refresh: async () => parts.connection.getSnapshot().status === "live",
    dismissCaughtUp: () => parts.caughtUp.set(null),
  } as unknown as ServerStore;
  return { ...parts, attachments, asked, retries, store, LIVE };
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
