import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FILE_TEXT_MAX_BYTES, FileNode, FileSearch, LIVE_REF, Problem, TaskDiff } from "@farhand/protocol";
import { OpenAPIHono } from "@hono/zod-openapi";
import { newTask } from "../../test/stores.ts";
import { NO_LIMIT } from "../domain/budget.ts";
import type { Repositories } from "../domain/ports.ts";
import type { TaskRecord, TaskStore } from "../domain/store.ts";
import {
  BRANCH,
  type Fixture,
  git,
  openFixture,
  processesNaming,
  taskId,
} from "../repos/repositories.fixture.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { mountDiff } from "./diff.ts";
import { mountFiles } from "./files.ts";
import { handleError, sendProblem, validationProblem } from "./problem.ts";

const USER = "u_reader";
const id = taskId(1);
// Larger than what comes in one piece, and no two parts alike.
const large = Buffer.alloc(
  8 * 1024 * 1024,
  Uint8Array.from({ length: 65_537 }, (_, n) => (n * 7) % 251),
);
const latin1 = (text: string) => Buffer.from(text, "latin1");

let fixture: Fixture;
let repositories: Repositories;
let api: OpenAPIHono<ApiEnvironment>;
let records: Map<string, TaskRecord>;
let base: string;
let tip: string;
let latest: string;

beforeEach(async () => {
  fixture = await openFixture();
  ({ repositories } = fixture);
  ({ base, tip } = await fixture.prepareWithWork(1));
  latest = await fixture.make(
    1,
    [
      { path: "src/main.ts", content: "main\n" },
      { path: "src/new\nline", content: "odd\n" },
      { path: latin1("caf\xe9"), content: "coffee\n" },
      { path: "link", content: "src/main.ts", mode: "120000" },
      { path: "up", content: "src", mode: "120000" },
      { path: "large.bin", content: large },
      { path: "image.png", content: "\x89PNG\0" },
      { path: "page.html", content: "<script>alert(1)</script>" },
      { path: "empty", content: "" },
    ],
    tip,
  );
  records = new Map([[id, record({ baseCommit: base, revision: latest })]]);
  api = openApi();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function record(change: Partial<TaskRecord>): TaskRecord {
  const { id, repository, forge, branch: _branch, model, prompt } = newTask(1);
  const usage = { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 };
  return {
    ...{ id, repository, forge, model, prompt, usage, userId: USER, branch: BRANCH, baseBranch: "trunk" },
    ...{
      state: "running",
      attempt: 1,
      turn: 1,
      lastSeq: 1,
      losses: 0,
      workedMs: 0,
      removed: false,
      archivedAt: null,
    },
    ...{ title: null, summary: null, commit: null, filesChanged: null, pullRequestUrl: null, failure: null },
    ...{ costUsd: 0, unpricedTokens: 0, budget: NO_LIMIT, budgetReached: null, question: null },
    ...{ forkedFrom: null, delayedBy: null, diskBytes: null, baseCommit: null, revision: null },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" },
    ...change,
  };
}

/** The routes alone, over real repositories and a record that the test chooses. */
function openApi(): OpenAPIHono<ApiEnvironment> {
  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result, c) =>
      result.success ? undefined : sendProblem(c, validationProblem(result.error)),
  });
  const get = async (taskId: string) => records.get(taskId) ?? null;
  const logger: ApiContext["logger"] = {
    info: () => undefined,
    error: (fields) => {
      throw new Error("a request failed", { cause: fields });
    },
  };
  const context = { tasks: { get } as Partial<TaskStore> as TaskStore, repositories, logger };
  app.onError(handleError(context as Partial<ApiContext> as ApiContext));
  app.use(async (c, next) => {
    c.set("userId", USER);
    await next();
  });
  mountFiles(app, context);
  mountDiff(app, context);
  return app;
}

const query = (values: Record<string, string>) => new URLSearchParams(values).toString();
const files = (values: Record<string, string>) => api.request(`/tasks/${id}/files?${query(values)}`);
const raw = (path: string, method = "GET") =>
  api.request(`/tasks/${id}/files/raw?${query({ path })}`, { method });

async function nodeOf(response: Response | Promise<Response>): Promise<FileNode> {
  const answer = await response;
  expect(answer.status).toBe(200);
  return FileNode.parse(await answer.json());
}

async function problemOf(response: Response | Promise<Response>): Promise<[number, string]> {
  const answer = await response;
  const problem = Problem.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  return [problem.status, problem.code];
}

describe("GET files", () => {
  test("gives the root of the newest state when nothing is named", async () => {
    const root = await nodeOf(api.request(`/tasks/${id}/files`));
    expect(root).toMatchObject({ kind: "folder", commit: latest, path: "", truncated: false });
    const entries = root.kind === "folder" ? root.entries : [];
    expect(entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "file a.txt",
      "file b.bin",
      "file c.txt",
      "file caf%E9",
      "file empty",
      "file image.png",
      "file large.bin",
      "symlink link",
      "file page.html",
      "folder src",
      "symlink up",
    ]);
  });

  test("gives files, also big, binary and oddly named ones, and links unfollowed", async () => {
    expect(await nodeOf(files({ path: "src/main.ts" }))).toMatchObject({ text: "main\n", sizeBytes: 5 });
    expect(await nodeOf(files({ path: "src/new\nline" }))).toMatchObject({ text: "odd\n" });
    expect(await nodeOf(files({ path: "caf%E9" }))).toMatchObject({ text: "coffee\n", path: "caf%E9" });
    expect(await nodeOf(files({ path: "image.png" }))).toMatchObject({ isBinary: true, text: null });
    expect(await nodeOf(files({ path: "large.bin" }))).toMatchObject({ sizeBytes: large.byteLength });
    expect(await nodeOf(files({ path: "link" }))).toMatchObject({ kind: "symlink", target: "src/main.ts" });
  });

  test("answers what is wrong with a path", async () => {
    for (const path of ["none", "src/none", "up/main.ts", "link/x", "café", "caf"]) {
      expect([path, await problemOf(files({ path }))]).toEqual([path, [404, "not_found"]]);
      expect([path, await problemOf(raw(path))]).toEqual([path, [404, "not_found"]]);
    }
    for (const path of [
      "..",
      "../..",
      "src/../..",
      "/etc/passwd",
      "src//main.ts",
      "src/",
      ".",
      "a\0b",
      "%2e%2e",
      "50%",
    ]) {
      expect([path, await problemOf(files({ path }))]).toEqual([path, [400, "invalid_request"]]);
      expect([path, await problemOf(raw(path))]).toEqual([path, [400, "invalid_request"]]);
    }
  });

  test("takes no parameter that it does not know, and none twice", async () => {
    for (const wrong of [
      "revision=base",
      "at=HEAD",
      "at=turn-0",
      "at=..",
      "at=main",
      "path=a&path=b",
      "at=",
    ]) {
      for (const route of ["files", "files/raw"]) {
        const answer = api.request(`/tasks/${id}/${route}?${wrong}`);
        expect([wrong, await problemOf(answer)]).toEqual([wrong, [400, "invalid_request"]]);
      }
    }
    expect(await problemOf(api.request("/tasks/t_x/files"))).toEqual([400, "invalid_request"]);
  });

  test("knows a task of somebody else's no more than one that is not there", async () => {
    records.set(id, record({ baseCommit: base, userId: "u_other" }));
    for (const route of ["files", "files/raw?path=a.txt", "files/search?q=a", "diff"]) {
      expect(await problemOf(api.request(`/tasks/${id}/${route}`))).toEqual([404, "not_found"]);
      expect(await problemOf(api.request(`/tasks/${taskId(9)}/${route}`))).toEqual([404, "not_found"]);
    }
  });
});

describe("a revision", () => {
  const commitAt = async (at: string) => (await nodeOf(files({ at }))).commit;

  test("is the base, the newest state, the branch, a turn's end, or a commit", async () => {
    await repositories.keepTurn(id, 2, base);
    await git(repositories.taskPath(id), "update-ref", LIVE_REF, tip);
    expect(await commitAt("base")).toBe(base);
    expect(await commitAt("latest")).toBe(latest);
    expect(await commitAt("branch")).toBe(tip);
    expect(await commitAt("turn-2")).toBe(base);
    expect(await commitAt(tip)).toBe(tip);
  });

  test("that is the newest is the branch before the first checkpoint, and the base before that", async () => {
    records.set(id, record({ baseCommit: base }));
    expect(await commitAt("latest")).toBe(tip);
    records.set(id, record({ baseCommit: base, revision: "1".repeat(40) }));
    expect(await commitAt("latest")).toBe(tip);
    records.set(id, record({ baseCommit: base, branch: "farhand/none" }));
    expect(await commitAt("latest")).toBe(base);
    expect(await problemOf(files({ at: "branch" }))).toEqual([404, "not_found"]);
  });

  test("that the task does not have is not found", async () => {
    const blob = await git(fixture.work, "rev-parse", "HEAD:a.txt");
    for (const at of ["turn-1", "turn-999999", "1".repeat(40), "2".repeat(64), blob]) {
      expect([at, await problemOf(files({ at }))]).toEqual([at, [404, "not_found"]]);
      expect(await problemOf(api.request(`/tasks/${id}/diff?from=${at}`))).toEqual([404, "not_found"]);
    }
  });

  test("is none of a task without files: before its start, and after their removal", async () => {
    const routes = ["files", "files?at=base", "files/raw?path=a.txt", "files/search?q=a", "diff"];
    records.set(id, record({}));
    for (const route of routes)
      expect(await problemOf(api.request(`/tasks/${id}/${route}`))).toEqual([409, "conflict"]);
    records.set(id, record({ baseCommit: base, removed: true }));
    for (const route of routes)
      expect(await problemOf(api.request(`/tasks/${id}/${route}`))).toEqual([410, "removed"]);
    // Removed in this moment: the record does not tell it yet.
    records.set(id, record({ baseCommit: base }));
    await repositories.remove(id);
    for (const route of routes)
      expect(await problemOf(api.request(`/tasks/${id}/${route}`))).toEqual([410, "removed"]);
  });
});

describe("a file's bytes", () => {
  const headers = (response: Response) => ({
    ...Object.fromEntries(
      [
        "content-type",
        "content-length",
        "content-disposition",
        "content-security-policy",
        "x-content-type-options",
      ].map((name) => [name, response.headers.get(name)]),
    ),
    status: response.status,
  });
  const expected = (sizeBytes: number) => ({
    "content-type": "application/octet-stream",
    "content-length": String(sizeBytes),
    "content-disposition": "attachment",
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
    status: 200,
  });
  const gits = () => processesNaming(repositories.taskPath(id));

  test("come as they are, and as nothing that a browser would show", async () => {
    const page = await raw("page.html");
    expect(headers(page)).toEqual(expected(25));
    expect(await page.text()).toBe("<script>alert(1)</script>");
    expect(await (await raw("caf%E9")).text()).toBe("coffee\n");
    expect(await (await raw("src/new\nline")).text()).toBe("odd\n");
    const empty = await raw("empty");
    expect([headers(empty), await empty.text()]).toEqual([expected(0), ""]);
    const big = await raw("large.bin");
    expect(headers(big)).toEqual(expected(large.byteLength));
    expect(Buffer.compare(Buffer.from(await big.arrayBuffer()), large)).toBe(0);
    expect(await problemOf(raw("src"))).toEqual([400, "invalid_request"]);
    expect(await problemOf(raw("link"))).toEqual([400, "invalid_request"]);
    expect(await problemOf(raw(""))).toEqual([400, "invalid_request"]);
  });

  test("are not read for HEAD, which has the same headers", async () => {
    for (const [path, sizeBytes] of [
      ["large.bin", large.byteLength],
      ["page.html", 25],
      ["empty", 0],
    ] as const) {
      const response = await raw(path, "HEAD");
      expect([headers(response), await response.text()]).toEqual([expected(sizeBytes), ""]);
    }
    expect(await gits()).toEqual([]);
    expect((await raw("none", "HEAD")).status).toBe(404);
  });

  test("go over a socket whole, with their length where they come in one piece, and git ends with the client", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: api.fetch });
    const url = (path: string) => `http://127.0.0.1:${server.port}/tasks/${id}/files/raw?${query({ path })}`;
    try {
      const small = await fetch(url("page.html"));
      expect(headers(small)).toEqual(expected(25));
      await small.text();
      const head = await fetch(url("large.bin"), { method: "HEAD" });
      expect(headers(head)).toEqual(expected(large.byteLength));
      expect(await gits()).toEqual([]);
      const whole = Buffer.from(await (await fetch(url("large.bin"))).arrayBuffer());
      expect(Buffer.compare(whole, large)).toBe(0);

      const abort = new AbortController();
      const broken = await fetch(url("large.bin"), { signal: abort.signal });
      const reader = broken.body?.getReader();
      await reader?.read();
      abort.abort();
      while ((await gits()).length > 0) await Bun.sleep(5);
    } finally {
      await server.stop(true);
    }
    expect(large.byteLength).toBeGreaterThan(FILE_TEXT_MAX_BYTES);
  });
});

describe("GET files/search", () => {
  const search = (values: Record<string, string>, signal?: AbortSignal) =>
    api.request(`/tasks/${id}/files/search?${query(values)}`, signal ? { signal } : {});
  const found = async (values: Record<string, string>) => {
    const response = await search(values);
    expect(response.status).toBe(200);
    const { files, ...rest } = FileSearch.parse(await response.json());
    return { ...rest, lines: files.flatMap((it) => it.lines.map(({ line }) => `${it.path}:${line}`)) };
  };

  test("finds a text in the newest state, or in the one that is named", async () => {
    expect(await found({ q: "main" })).toEqual({
      commit: latest,
      truncated: false,
      lines: ["src/main.ts:1"],
    });
    expect(await found({ q: "odd" })).toMatchObject({ lines: ["src/new\nline:1"] });
    expect(await found({ q: "COFFEE" })).toMatchObject({ lines: [] });
    expect(await found({ q: "coffee" })).toMatchObject({ lines: ["caf%E9:1"] });
    expect(await found({ q: "one", at: "base" })).toMatchObject({ commit: base, lines: ["a.txt:1"] });
    expect(await found({ q: "three", at: "base" })).toMatchObject({ lines: [] });
    expect(await found({ q: "--help" })).toMatchObject({ lines: [] });
  });

  test("answers what is wrong with it", async () => {
    for (const wrong of ["", "q=", "q=a%0Ab", "q=a%00", "q=a&q=b", "q=a&path=src", "q=a&at=HEAD"]) {
      const answer = api.request(`/tasks/${id}/files/search?${wrong}`);
      expect([wrong, await problemOf(answer)]).toEqual([wrong, [400, "invalid_request"]]);
    }
    expect(await problemOf(search({ q: "x".repeat(201) }))).toEqual([400, "invalid_request"]);
    expect(await problemOf(search({ q: "a", at: "turn-7" }))).toEqual([404, "not_found"]);
  });

  test("ends with the client, and is no failure of ours then", async () => {
    const abort = new AbortController();
    const answer = search({ q: "main" }, abort.signal);
    abort.abort();
    expect(await (await answer).json()).toMatchObject({ files: [], truncated: true });
    expect(await processesNaming(repositories.taskPath(id))).toEqual([]);
  });
});

describe("GET diff", () => {
  const diff = (values: Record<string, string>) => api.request(`/tasks/${id}/diff?${query(values)}`);
  const diffOf = async (values: Record<string, string>) => {
    const response = await diff(values);
    expect(response.status).toBe(200);
    return TaskDiff.parse(await response.json());
  };

  test("is from the base to the newest state when nothing is named", async () => {
    const whole = await diffOf({});
    expect(whole).toMatchObject({ from: base, to: latest, filesChanged: 11, truncated: false });
    expect(whole.files.map(({ path }) => path)).toContain("caf%E9");
    expect(whole.text).toContain("-two\n+2\n+three\n");
  });

  test("is between any two states, of one path too", async () => {
    const added = await diffOf({ from: "branch", to: "latest", path: "src" });
    expect(added).toMatchObject({ from: tip, to: latest, filesChanged: 2, insertions: 2, deletions: 0 });
    const back = await diffOf({ from: latest, to: base, path: "a.txt" });
    expect(back.files).toEqual([
      { path: "a.txt", status: "modified", oldPath: null, insertions: 1, deletions: 2 },
    ]);
    expect(await diffOf({ from: "latest", path: "caf%E9" })).toMatchObject({ files: [], text: "" });
  });

  test("answers what is wrong with it", async () => {
    expect(await problemOf(diff({ path: "none" }))).toEqual([404, "not_found"]);
    expect(await problemOf(diff({ path: "../x" }))).toEqual([400, "invalid_request"]);
    expect(await problemOf(diff({ format: "patch" }))).toEqual([400, "invalid_request"]);
    expect(await problemOf(diff({ from: "--output=x" }))).toEqual([400, "invalid_request"]);
  });
});
