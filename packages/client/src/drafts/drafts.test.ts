import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../../test/until.ts";
import type { LocalStore } from "../local/local-store.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { oneTab, type Tabs } from "../local/tabs.ts";
import type { Command } from "../outbox/command.ts";
import type { OutboxEntry } from "../outbox/entry.ts";
import type { ReviewComment } from "./api.ts";
import { DeviceDrafts, EMPTY_NEW_TASK, EMPTY_TASK_DRAFT } from "./drafts.ts";
import { formatReview, readReview } from "./review.ts";

setDefaultTimeout(30_000);

const TASK = "t_1";

function open(local: LocalStore = createMemoryStore(), tabs: Tabs = oneTab()) {
  const sent: Command[] = [];
  const errors: unknown[] = [];
  let ids = 0;
  const drafts = new DeviceDrafts({
    local,
    tabs,
    newId: () => `c${++ids}`,
    now: () => Date.UTC(2026, 2, 4) + ids,
    outbox: {
      add: async (command) => {
        sent.push(command);
        return {} as OutboxEntry;
      },
    },
    onError: (error) => errors.push(error),
  });
  return { drafts, local, sent, errors };
}

const comment = {
  path: "a.ts",
  side: "new" as const,
  startLine: 3,
  endLine: 3,
  quote: "x",
  base: "b".repeat(40),
  head: "a".repeat(40),
  blob: "1234567",
  text: "Why?",
};

/** Two tabs over one device. */
function twoTabs(): [Tabs, Tabs] {
  const listeners = new Map<number, (topic: string) => void>();
  const tab = (me: number): Tabs => ({
    ...oneTab(),
    announce: (topic) => listeners.get(1 - me)?.(topic),
    listen: (listener) => {
      listeners.set(me, listener);
      return () => undefined;
    },
  });
  return [tab(0), tab(1)];
}

describe("drafts", () => {
  test("are there at once and, on the device, when the app starts again", async () => {
    const { drafts, local } = open();
    for (const text of ["h", "he", "hel"]) drafts.setText(TASK, text);
    expect(drafts.task(TASK).getSnapshot().text).toBe("hel");
    drafts.setNewTask({ repository: "r" });
    drafts.setNewTask({ prompt: "p", maxUsd: 2 });
    drafts.setViewed(TASK, "a.ts", "abc");
    drafts.setField(TASK, "answer/q1", "Fra");
    drafts.setField(TASK, "answer/q1", "Franc");
    await drafts.settled();
    const again = open(local).drafts;
    const task = again.task(TASK);
    await until("the draft", () => task.getSnapshot().text === "hel");
    expect(task.getSnapshot()).toMatchObject({
      viewed: { "a.ts": "abc" },
      fields: { "answer/q1": "Franc" },
    });
    await again.settled();
    expect(again.newTask().getSnapshot()).toEqual({
      ...EMPTY_NEW_TASK,
      repository: "r",
      prompt: "p",
      maxUsd: 2,
    });
  });

  test("that are typed before the device was read lose nothing of what it holds", async () => {
    const first = open();
    first.drafts.addComment(TASK, comment);
    await first.drafts.settled();
    const { drafts, local } = open(first.local);
    drafts.setText(TASK, "quick");
    await drafts.settled();
    expect(drafts.task(TASK).getSnapshot()).toMatchObject({ text: "quick", comments: [{ text: "Why?" }] });
    const kept = await local.transaction("read", (tx) => tx.get(`draft/task/${TASK}`));
    expect(kept).toMatchObject({ text: "quick", comments: [{ text: "Why?" }] });
  });

  test("that are empty again leave nothing behind", async () => {
    const { drafts, local } = open();
    drafts.setText(TASK, "x");
    const made = drafts.addComment(TASK, comment);
    drafts.setViewed(TASK, "a.ts", "abc");
    drafts.setField(TASK, "fork/1", "Try");
    const photo = { id: "a1", name: "a.png", mediaType: "image/png", sizeBytes: 3 };
    drafts.setFiles(TASK, "fork/1", [photo]);
    expect(drafts.task(TASK).getSnapshot().files).toEqual({ "fork/1": [photo] });
    drafts.setNewTask({ prompt: "p" });
    await drafts.settled();
    drafts.setText(TASK, "");
    drafts.setField(TASK, "fork/1", null);
    drafts.setFiles(TASK, "fork/1", []);
    drafts.editComment(TASK, made.id, "Still why?");
    drafts.removeComment(TASK, made.id);
    drafts.setViewed(TASK, "a.ts", null);
    drafts.clearNewTask({ prompt: "p", attachments: [] });
    await drafts.settled();
    expect(drafts.task(TASK).getSnapshot()).toBe(EMPTY_TASK_DRAFT);
    expect(await local.transaction("read", (tx) => tx.list({ prefix: "" }))).toEqual([]);
  });

  test("written in one tab show in the other", async () => {
    const [here, there] = twoTabs();
    const one = open(createMemoryStore(), here);
    const other = open(one.local, there);
    const draft = other.drafts.task(TASK);
    await other.drafts.settled();
    one.drafts.setText(TASK, "from here");
    await until("the text", () => draft.getSnapshot().text === "from here");
  });

  test("typed in one tab while another clears what it has sent are not cleared with it", async () => {
    const [here, there] = twoTabs();
    const store = createMemoryStore();
    let writes: Promise<unknown> = Promise.resolve();
    // The first tab's disk is slow: what it writes comes after what the other tab writes.
    const slow: LocalStore = {
      transaction: (mode, work) => {
        if (mode === "read") return store.transaction(mode, work);
        const written = writes.then(() => Bun.sleep(20)).then(() => store.transaction(mode, work));
        writes = written;
        return written;
      },
      close: async () => undefined,
    };
    const one = open(slow, here).drafts;
    const other = open(store, there).drafts;
    const [ours, theirs] = [one.task(TASK), other.task(TASK)];
    one.setText(TASK, "first");
    await one.settled();
    await until("the text", () => theirs.getSnapshot().text === "first");
    one.sent(TASK, { text: "first", attachments: [] });
    expect(ours.getSnapshot().text).toBe("");
    other.setText(TASK, "second");
    await other.settled();
    await one.settled();
    await until("the same in both", () => ours.getSnapshot().text === "second");
    expect(theirs.getSnapshot().text).toBe("second");
    expect(await store.transaction("read", (tx) => tx.get(`draft/task/${TASK}`))).toMatchObject({
      text: "second",
    });
  });

  test("of which one tab writes the text and another a comment keep both", async () => {
    const [here, there] = twoTabs();
    const one = open(createMemoryStore(), here);
    const other = open(one.local, there);
    await Promise.all([one.drafts.settled(), other.drafts.settled()]);
    one.drafts.setText(TASK, "text");
    other.drafts.addComment(TASK, comment);
    const both = { text: "text", comments: [{ text: "Why?" }] };
    for (const { drafts } of [one, other]) {
      await drafts.settled();
      await until("both", () => drafts.task(TASK).getSnapshot().comments.length === 1);
      expect(drafts.task(TASK).getSnapshot()).toMatchObject(both);
    }
  });

  test("of a new task that was begun in another tab outlive the sending of this one's", async () => {
    const { drafts } = open();
    const [sent, kept] = ["sent.png", "kept.png"].map((name) => ({
      ...{ id: name, name, mediaType: "image/png", sizeBytes: 3 },
    }));
    if (!sent || !kept) throw new Error("there are two");
    drafts.setNewTask({ prompt: "another", attachments: [sent, kept] });
    drafts.clearNewTask({ prompt: "sent", attachments: [sent] });
    expect(drafts.newTask().getSnapshot()).toMatchObject({ prompt: "another", attachments: [kept] });
  });

  test("that could not be kept are tried again with the next change", async () => {
    const store = createMemoryStore();
    let isFull = true;
    const local: LocalStore = {
      transaction: (mode, work) =>
        isFull && mode === "write"
          ? Promise.reject(new Error("the disk is full"))
          : store.transaction(mode, work),
      close: async () => undefined,
    };
    const { drafts } = open(local);
    drafts.setText(TASK, "kept in memory");
    await drafts.settled();
    isFull = false;
    drafts.setReviewNote(TASK, "note");
    await drafts.settled();
    expect(await store.transaction("read", (tx) => tx.get(`draft/task/${TASK}`))).toMatchObject({
      text: "kept in memory",
      reviewNote: "note",
    });
  });

  test("that could not be kept once write over nothing that another tab has kept since", async () => {
    const [here, there] = twoTabs();
    const store = createMemoryStore();
    let isFull = true;
    const mine: LocalStore = {
      transaction: (mode, work) =>
        isFull && mode === "write" ? Promise.reject(new Error("aborted")) : store.transaction(mode, work),
      close: async () => undefined,
    };
    const one = open(mine, here).drafts;
    const other = open(store, there).drafts;
    one.setReviewNote(TASK, "note");
    await one.settled();
    isFull = false;
    other.setText(TASK, "typed there");
    await other.settled();
    one.setViewed(TASK, "a.ts", "abc");
    await one.settled();
    const all = { text: "typed there", reviewNote: "note", viewed: { "a.ts": "abc" } };
    await until("the text", () => one.task(TASK).getSnapshot().text === "typed there");
    expect(await store.transaction("read", (tx) => tx.get(`draft/task/${TASK}`))).toMatchObject(all);
  });

  test("go on in memory where the device can keep nothing", async () => {
    const broken: LocalStore = {
      transaction: () => Promise.reject(new Error("no disk")),
      close: async () => undefined,
    };
    const { drafts, errors } = open(broken);
    drafts.setText(TASK, "x");
    await drafts.settled();
    expect(drafts.task(TASK).getSnapshot().text).toBe("x");
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe("a review", () => {
  test("goes out as one message, and its comments with it", async () => {
    const { drafts, sent } = open();
    drafts.addComment(TASK, comment);
    drafts.addComment(TASK, { ...comment, path: "b.ts", text: "  " });
    await drafts.sendReview(TASK, null);
    expect(sent).toEqual([
      { type: "send_message", taskId: TASK, text: expect.stringContaining("### a.ts, line 3") },
    ]);
    expect(drafts.task(TASK).getSnapshot().comments).toEqual([]);
    await drafts.sendReview(TASK, null);
    expect(sent).toHaveLength(1);
  });

  test("keeps its comments where the device cannot keep the message", async () => {
    const { local } = open();
    const drafts = new DeviceDrafts({
      local,
      tabs: oneTab(),
      newId: () => "c",
      now: () => 0,
      outbox: { add: () => Promise.reject(new Error("the disk is full")) },
      onError: () => undefined,
    });
    drafts.addComment(TASK, comment);
    drafts.setReviewNote(TASK, "Nearly there.");
    expect(await drafts.sendReview(TASK, null).catch(String)).toBe("Error: the disk is full");
    expect(drafts.task(TASK).getSnapshot()).toMatchObject({
      comments: [{ text: "Why?" }],
      reviewNote: "Nearly there.",
    });
  });

  test("that is sent twice at once goes out once, with its note, and keeps what is written meanwhile", async () => {
    const { drafts, sent } = open();
    const first = drafts.addComment(TASK, comment);
    const other = drafts.addComment(TASK, { ...comment, path: "b.ts" });
    drafts.setReviewNote(TASK, "Nearly there.");
    await drafts.settled();
    const both = [drafts.sendReview(TASK, null), drafts.sendReview(TASK, null)];
    drafts.editComment(TASK, other.id, "No, really: why?");
    await Promise.all(both);
    expect(sent).toEqual([
      { type: "send_message", taskId: TASK, text: expect.stringMatching(/^Nearly there\.\n\n### a\.ts/) },
    ]);
    const left = drafts.task(TASK).getSnapshot();
    expect(left.comments.map(({ id }) => id)).not.toContain(first.id);
    expect(left.reviewNote).toBe("");
  });

  test("says of which state its comments are where that is not the newest", () => {
    const made = { ...comment, id: "c", createdAt: "2026-03-04T00:00:00.000Z" };
    expect(formatReview([made], "", comment.head)).toContain("### a.ts, line 3\n");
    expect(formatReview([made], "", "f".repeat(40))).toContain(
      "### a.ts, line 3 (seen at aaaaaaaaaa, the lines may have moved since)\n",
    );
    expect(formatReview([{ ...made, side: "old", head: null }], "", "f".repeat(40))).toContain(
      "### a.ts, line 3 (before the change)\n",
    );
  });

  test("says where, what stood there and what is wanted, by file and line", () => {
    const made = (change: Partial<ReviewComment>): ReviewComment => ({
      ...comment,
      id: "c",
      createdAt: "2026-03-04T00:00:00.000Z",
      ...change,
    });
    const review = formatReview([
      made({ path: "b.ts", startLine: 7, endLine: 9, quote: "", text: "Shorter, please." }),
      made({ startLine: 10, endLine: 10, side: "old", quote: "const a = 1;\n", text: "Why is this gone?" }),
      made({ startLine: 2, endLine: 3, quote: "```js\nx\n```", text: " Explain. " }),
      made({ text: "" }),
    ]);
    expect(review).toBe(
      [
        "Please address 3 comments on your changes:",
        "### a.ts, lines 2–3",
        "````\n```js\nx\n```\n````",
        "Explain.",
        "### a.ts, line 10 (before the change)",
        "```\nconst a = 1;\n```",
        "Why is this gone?",
        "### b.ts, lines 7–9",
        "Shorter, please.",
      ].join("\n\n"),
    );
    expect(formatReview([made({})], "First of all:")).toStartWith("First of all:\n\n### a.ts, line 3");
    expect(formatReview([made({})])).toStartWith("Please address a comment on your changes:");
    expect(formatReview([], " Well done. ")).toBe("Well done.");
  });

  test("is read back in its parts, and nothing else is taken for one", () => {
    const made = (change: Partial<ReviewComment>): ReviewComment => ({
      ...comment,
      id: "c",
      createdAt: "2026-03-04T00:00:00.000Z",
      ...change,
    });
    const review = formatReview(
      [
        made({ startLine: 2, endLine: 3, quote: "```js\n\n### x, line 1\n```", text: "One\ntwo\n\n* three" }),
        made({
          path: "b (old).ts",
          startLine: 7,
          side: "old",
          endLine: 9,
          quote: "",
          text: "# Shorter, please.",
        }),
        made({ path: "c.ts", quote: "const a = `b`;", text: "```\nlet a;\n```" }),
      ],
      "First of all:\n- look",
    );
    expect(readReview(review)).toEqual({
      opening: "First of all:\n- look",
      comments: [
        { where: "a.ts, lines 2–3", quote: "```js\n\n### x, line 1\n```", text: "One\ntwo\n\n* three" },
        { where: "b (old).ts, lines 7–9 (before the change)", quote: null, text: "# Shorter, please." },
        { where: "c.ts, line 3", quote: "const a = `b`;", text: "```\nlet a;\n```" },
      ],
    });
    for (const words of [
      "",
      "Fix it",
      "### a.ts\n\nMend line 3",
      "See\n### a.ts, line 3\nthere",
      "a.ts, line 3",
    ])
      expect(readReview(words)).toBeNull();
  });
});
