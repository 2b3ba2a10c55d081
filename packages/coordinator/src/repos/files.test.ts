import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FILE_TEXT_MAX_BYTES, FileNode, TREE_MAX_ENTRIES } from "@farhand/protocol";
import type { Repositories } from "../domain/ports.ts";
import {
  type Fixture,
  failureOf,
  type MadeFile,
  never,
  openFixture,
  processesNaming,
  taskId,
} from "./repositories.fixture.ts";

let fixture: Fixture;
let repositories: Repositories;
const id = taskId(1);

beforeEach(async () => {
  fixture = await openFixture();
  ({ repositories } = fixture);
  await fixture.prepareWithWork(1);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const latin1 = (text: string) => Buffer.from(text, "latin1");

async function node(commit: string, path: string): Promise<FileNode> {
  return FileNode.parse(await repositories.node(id, commit, path));
}

async function make(...files: MadeFile[]): Promise<string> {
  return await fixture.make(1, files);
}

describe("a folder", () => {
  test("lists files with their sizes, folders, links and submodules", async () => {
    const commit = await make(
      { path: "README", content: "hello\n" },
      { path: "run.sh", content: "", mode: "100755" },
      { path: "src/deep/main.ts", content: "x" },
      { path: "link", content: "src", mode: "120000" },
      { path: "sub", content: "1".repeat(40), mode: "160000" },
    );
    const entry = (name: string, kind: string, sizeBytes: number | null, isExecutable = false) => ({
      name,
      path: name,
      kind,
      sizeBytes,
      isExecutable,
    });
    expect(await node(commit, "")).toEqual({
      kind: "folder",
      commit,
      path: "",
      truncated: false,
      entries: [
        entry("README", "file", 6),
        entry("link", "symlink", 3),
        entry("run.sh", "file", 0, true),
        entry("src", "folder", null),
        entry("sub", "submodule", null),
      ],
    } as FileNode);
    expect(await node(commit, "src/deep")).toMatchObject({
      path: "src/deep",
      entries: [{ name: "main.ts", path: "src/deep/main.ts" }],
    });
  });

  test("gives every entry a path that leads to it, whatever its name is", async () => {
    const names = ['quote"', "new\nline", "tab\t", "ünï漢", "100%", "%41", "-n", " ", "a:b", "*", "..."];
    const odd = [...names.map((name) => Buffer.from(name)), latin1("caf\xe9"), latin1("\xff\xfe")];
    const commit = await make(
      ...odd.map((name) => ({
        path: Buffer.concat([latin1("d\xe9p/"), name]),
        content: name,
      })),
    );
    const root = await node(commit, "");
    const [folder] = root.kind === "folder" ? root.entries : [];
    expect(folder).toMatchObject({ name: "d%E9p", path: "d%E9p" });
    const listed = await node(commit, "d%E9p");
    const entries = listed.kind === "folder" ? listed.entries : [];
    expect(entries.length).toBe(odd.length);
    for (const { path } of entries) {
      const { body } = await repositories.raw(id, commit, path, never);
      const bytes = Buffer.from(await new Response(body).arrayBuffer());
      expect(odd.some((name) => Buffer.compare(name, bytes) === 0)).toBe(true);
      expect((await node(commit, path)).path).toBe(path);
    }
    expect(entries.map(({ name }) => name)).toContain("100%");
  });

  test("of very many entries is cut off, and what is not listed can be read", async () => {
    const name = (n: number) => `f${String(n).padStart(6, "0")}`;
    const files = Array.from({ length: TREE_MAX_ENTRIES + 1 }, (_, n) => ({ path: name(n), content: "" }));
    const commit = await make(...files);
    const folder = await node(commit, "");
    expect(folder).toMatchObject({ truncated: true });
    expect(folder.kind === "folder" && folder.entries.length).toBe(TREE_MAX_ENTRIES);
    expect((await node(commit, name(TREE_MAX_ENTRIES))).kind).toBe("file");
  });

  test("may be the empty root", async () => {
    const commit = await make();
    expect(await node(commit, "")).toMatchObject({ kind: "folder", entries: [], truncated: false });
  });
});

describe("a file", () => {
  test("has its text, as it is", async () => {
    const commit = await make({ path: "a/b.txt", content: "\ufeffeins\r\nzwei", mode: "100755" });
    expect(await node(commit, "a/b.txt")).toEqual({
      kind: "file",
      commit,
      path: "a/b.txt",
      isExecutable: true,
      sizeBytes: 13,
      isBinary: false,
      text: "\ufeffeins\r\nzwei",
      truncated: false,
    });
  });

  test("has none when it is binary: a NUL among its first 8000 bytes", async () => {
    const commit = await make(
      { path: "early", content: `${"x".repeat(7999)}\0` },
      { path: "late", content: `${"x".repeat(8000)}\0` },
      { path: "latin1", content: latin1("caf\xe9") },
    );
    expect(await node(commit, "early")).toMatchObject({ isBinary: true, text: null, sizeBytes: 8000 });
    expect(await node(commit, "late")).toMatchObject({ isBinary: false, sizeBytes: 8001 });
    expect(await node(commit, "latin1")).toMatchObject({ isBinary: false, text: "caf\ufffd" });
  });

  test("is cut after a MiB, between characters", async () => {
    const wide = "漢".repeat(FILE_TEXT_MAX_BYTES / 2);
    const commit = await make(
      { path: "exact", content: "x".repeat(FILE_TEXT_MAX_BYTES) },
      { path: "0", content: wide },
      { path: "1", content: `x${wide}` },
      { path: "2", content: `xx${wide}` },
    );
    expect(await node(commit, "exact")).toMatchObject({ truncated: false, sizeBytes: FILE_TEXT_MAX_BYTES });
    for (const path of ["0", "1", "2"]) {
      const file = await node(commit, path);
      expect(file).toMatchObject({ truncated: true });
      const text = file.kind === "file" ? (file.text ?? "") : "";
      expect(text).not.toContain("\ufffd");
      expect(Buffer.byteLength(text)).toBeGreaterThan(FILE_TEXT_MAX_BYTES - 3);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(FILE_TEXT_MAX_BYTES);
    }
  });

  test("that is not there, or no path at all, is told", async () => {
    const commit = await make(
      { path: "a/b.txt", content: "x" },
      { path: "sub", content: "1".repeat(40), mode: "160000" },
    );
    for (const path of ["c", "a/c", "a/b.txt/c", "A", "sub/x", "a/b.tx", "a%2Fb.txt/x"]) {
      expect([path, (await failureOf(repositories.node(id, commit, path))).code]).toEqual([
        path,
        "not_found",
      ]);
    }
    for (const path of ["..", "a/../a", "/a", "a/", "a\0"]) {
      const refused = await failureOf(repositories.node(id, commit, path));
      expect([path, refused.code]).toEqual([path, "invalid_request"]);
    }
    expect((await failureOf(repositories.node(id, "1".repeat(40), ""))).code).toBe("not_found");
    expect((await failureOf(repositories.node(taskId(9), commit, ""))).code).toBe("removed");
    await expect(repositories.node(id, "HEAD", "")).rejects.toThrow();
  });
});

describe("a link or a submodule", () => {
  test("is shown with what it points to and never followed", async () => {
    const commit = await make(
      { path: "folder/secret", content: "s" },
      { path: "up", content: "../../../etc/passwd", mode: "120000" },
      { path: "down", content: "folder", mode: "120000" },
      { path: "lib", content: "2".repeat(40), mode: "160000" },
    );
    expect(await node(commit, "up")).toEqual({
      kind: "symlink",
      commit,
      path: "up",
      target: "../../../etc/passwd",
    });
    expect(await node(commit, "lib")).toEqual({
      kind: "submodule",
      commit,
      path: "lib",
      submodule: "2".repeat(40),
    });
    expect((await failureOf(repositories.node(id, commit, "down/secret"))).code).toBe("not_found");
    for (const path of ["up", "down", "lib", "folder", ""]) {
      const refused = await failureOf(repositories.raw(id, commit, path, never));
      expect([path, refused.code]).toEqual([path, "invalid_request"]);
    }
  });
});

describe("the bytes of a file", () => {
  const gitsAt = () => processesNaming(repositories.taskPath(id));
  // Larger than every pipe, and no two parts alike.
  const large = Buffer.alloc(
    8 * 1024 * 1024,
    Uint8Array.from({ length: 65_537 }, (_, n) => (n * 7) % 251),
  );

  test("come whole, with their size before them", async () => {
    const commit = await make(
      { path: "large", content: large },
      { path: "empty", content: "" },
      { path: "text", content: "text" },
    );
    const raw = await repositories.raw(id, commit, "large", never);
    expect(raw).toMatchObject({ sizeBytes: large.byteLength, isBinary: true });
    const bytes = Buffer.from(await new Response(raw.body).arrayBuffer());
    expect(Buffer.compare(bytes, large)).toBe(0);
    const empty = await repositories.raw(id, commit, "empty", never);
    expect([empty.sizeBytes, await new Response(empty.body).text()]).toEqual([0, ""]);
    const text = await repositories.raw(id, commit, "text", never);
    expect([text.isBinary, await new Response(text.body).text()]).toEqual([false, "text"]);
    expect(await gitsAt()).toEqual([]);
  });

  test("end git with the reader who has had enough", async () => {
    const commit = await make({ path: "large", content: large });
    const unread = await repositories.raw(id, commit, "large", never);
    await unread.body.cancel();
    const begun = await repositories.raw(id, commit, "large", never);
    const reader = begun.body.getReader();
    await reader.read();
    expect((await gitsAt()).length).toBe(1);
    await reader.cancel();
    expect(await gitsAt()).toEqual([]);
  });

  test("fail with the signal's reason when it aborts, and do not just end", async () => {
    const commit = await make({ path: "large", content: large });
    const abort = new AbortController();
    const raw = await repositories.raw(id, commit, "large", abort.signal);
    abort.abort(new Error("the client went away"));
    await expect(new Response(raw.body).arrayBuffer()).rejects.toThrow("the client went away");
    expect(await gitsAt()).toEqual([]);
    await expect(repositories.raw(id, commit, "large", abort.signal)).rejects.toThrow("went away");
  });
});
