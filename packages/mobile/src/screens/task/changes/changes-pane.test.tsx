import { UnreachableError } from "@farhand/client/app";
import type { TaskDiff } from "@farhand/protocol";
import { act, fireEvent, screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { aTask } from "../../../../test/a-task.ts";
import { anOpenTask } from "../../../../test/an-open-task.ts";
import { OpenTaskProvider } from "../open-task.tsx";
import { ChangesPane } from "./changes-pane.tsx";
import { ALL } from "./scope.ts";

const BASE = "b".repeat(40);
const patch = (blob: string, first: string) => `diff --git a/src/a.ts b/src/a.ts
index 1111111..${blob} 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,2 +1,3 @@
 one
+${first}
 end
`;
const aDiff = (to: string, text: string): TaskDiff => ({
  from: BASE,
  to,
  files: [{ path: "src/a.ts", status: "modified", oldPath: null, insertions: 1, deletions: 0 }],
  filesTruncated: false,
  text,
  truncated: false,
  filesChanged: 1,
  insertions: 1,
  deletions: 0,
});

/** The pane on a phone, over a server that answers with what `answer` holds. */
async function opened(answer: { diff: () => Promise<TaskDiff> }, line: number | null = null) {
  const server = aServer({ diff: () => answer.diff() });
  const task = aTask();
  const handle = anOpenTask(task.id, task);
  const store = Object.assign(server.store, { openTask: () => handle });
  const pane = (
    <OpenTaskProvider taskId={task.id}>
      <ChangesPane
        taskId={task.id}
        scope={ALL}
        onScope={() => undefined}
        place={
          line === null ? { file: null, lines: null } : { file: "src/a.ts", lines: { from: line, to: line } }
        }
        onOpenFile={() => undefined}
      />
    </OpenTaskProvider>
  );
  await renderIn(pane, store);
  await fireEvent(await screen.findByTestId("changes"), "layout", {
    nativeEvent: { layout: { width: 390, height: 700 } },
  });
  return { server, user: userEvent.setup() };
}

const HEAD = "a".repeat(40);
const first = { diff: async () => aDiff(HEAD, patch("2222222", "Two")) };

test("each letter of a comment is kept with the states that it is about, and an empty one is none", async () => {
  const { server, user } = await opened(first);
  await user.press(await screen.findByRole("button", { name: "Line 2, added: Two" }));
  await user.press(screen.getByTestId("comment-lines"));
  const seen: (string | undefined)[] = [];
  server.draft.subscribe(() => seen.push(server.draft.getSnapshot().comments[0]?.text));
  await user.type(screen.getByTestId("comment-text"), "Why?");
  expect(seen).toEqual(["W", "Wh", "Why", "Why?"]);
  expect(server.draft.getSnapshot().comments).toMatchObject([
    {
      path: "src/a.ts",
      side: "new",
      startLine: 2,
      endLine: 2,
      quote: "Two",
      base: BASE,
      head: HEAD,
      blob: "2222222",
    },
  ]);
  await user.clear(screen.getByTestId("comment-text"));
  await user.press(screen.getAllByRole("button", { name: "Close" }).at(-1) as never);
  expect(server.draft.getSnapshot().comments).toEqual([]);
});

const comment = {
  id: "c",
  path: "src/a.ts",
  side: "new" as const,
  startLine: 2,
  endLine: 2,
  quote: "Two",
  base: BASE,
  head: HEAD,
  blob: "2222222",
  text: "Why?",
  createdAt: "2026-03-01T10:00:00.000Z",
};

test("a comment on a state that is no more quotes its lines, and says why it stands at none", async () => {
  const { server } = await opened({ diff: async () => aDiff("c".repeat(40), patch("3333333", "Other")) });
  await act(async () => server.draft.set({ ...server.draft.getSnapshot(), comments: [comment] }));
  await screen.findByText(/These lines are of another state/);
  expect(screen.getByText("Two")).toBeOnTheScreen();
  expect(screen.getByText("Why?")).toBeOnTheScreen();
});

test("a review that the device cannot keep says so, and loses neither comments nor note", async () => {
  const { server, user } = await opened(first);
  await act(async () =>
    server.draft.set({ ...server.draft.getSnapshot(), comments: [comment], reviewNote: "Nearly there." }),
  );
  server.store.outbox.add = () => Promise.reject(new Error("The disk is full."));
  await user.press(await screen.findByTestId("finish-review"));
  await user.press(screen.getByTestId("send-review"));
  expect(screen.getByRole("alert")).toHaveTextContent(
    /Nothing was sent, and your comments are still here\..*The disk is full\./,
  );
  expect(server.draft.getSnapshot()).toMatchObject({
    comments: [{ text: "Why?" }],
    reviewNote: "Nearly there.",
  });
  expect(screen.getByTestId("send-review")).toBeEnabled();
});

test("a link chooses its lines", async () => {
  await opened(first, 2);
  expect(await screen.findByText("Line 2")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Line 2, added: Two" })).toHaveProp("aria-pressed", true);
});

test("without the server it says whether there is nothing, nothing yet, or an error", async () => {
  await opened({ diff: async () => ({ ...aDiff(HEAD, ""), files: [], filesChanged: 0 }) });
  expect(await screen.findByText("No changes")).toBeOnTheScreen();
  await screen.unmount();
  await opened({
    diff: () => Promise.reject(new UnreachableError("https://farhand.example.com")),
  });
  expect(await screen.findByText("Not on this device yet")).toBeOnTheScreen();
  await screen.unmount();
  await opened({ diff: async () => aDiff(HEAD, "what is this") });
  expect(await screen.findByText("The changes could not be shown")).toBeOnTheScreen();
});
