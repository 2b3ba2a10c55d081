import { describe, expect, test } from "bun:test";
import type { EventBody, FileNode } from "@farhand/protocol";
import { FarhandError, failure } from "../domain/failure.ts";
import type { SandboxSpec, SetupResult, SetupSpec } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";
import { setUpSystem } from "./set-up.ts";

const base = { baseBranch: "main", baseCommit: "a".repeat(40) };
const task = { id: "t_1", userId: "u_ada", repository: "example.org/shop" } as TaskRecord;
const sandbox: SandboxSpec = {
  taskId: "t_1",
  attempt: 2,
  token: "token",
  socketDirectory: "/s",
  socketName: "g.sock",
  limits: { memoryBytes: 1, cpus: 1, pids: 1 },
};
/** The network alone. */
const way = { directory: "/s.s", socketName: "e.sock", token: "of the setup" };
const script = (text: string): FileNode => ({
  kind: "file",
  commit: base.baseCommit,
  path: ".farhand/setup.sh",
  isExecutable: true,
  sizeBytes: text.length,
  isBinary: false,
  text,
  truncated: false,
});
const worked: SetupResult = {
  image: "farhand/setup:1",
  isCached: false,
  exitCode: 0,
  tail: "done with hunter2",
};

function world(node: FileNode | null, result: SetupResult = worked) {
  const events: EventBody[] = [];
  const asked: SetupSpec[] = [];
  const read: string[] = [];
  const ways: string[] = [];
  const options = {
    repositories: {
      node: async (_: string, commit: string, path: string) => {
        read.push(`${commit} ${path}`);
        if (node === null) throw failure("not_found", "no such path", "");
        return node;
      },
    },
    driver: {
      setUp: async (spec: SetupSpec): Promise<SetupResult> => {
        asked.push(spec);
        return result;
      },
    },
    log: {
      append: async (_task: string, _attempt: number, bodies: EventBody[]) => {
        events.push(...bodies);
      },
    },
    gateway: {
      openSetup: async (taskId: string, attemptToken: string) => {
        ways.push(`open ${taskId} ${attemptToken}`);
        return { ...way, [Symbol.asyncDispose]: async () => void ways.push("closed") };
      },
    },
    scrub: (_userId: string, text: string) => text.replaceAll("hunter2", "[secret]"),
    vault: {
      repositorySecrets: async () => [{ name: "TOKEN", value: "for the setup", isForAgent: false }],
    },
  };
  return { options: options as unknown as Parameters<typeof setUpSystem>[0], events, asked, read, ways };
}

const setUp = (it: ReturnType<typeof world>) =>
  setUpSystem(it.options, task, base, async () => sandbox, new AbortController().signal);

describe("a repository's setup", () => {
  test("is read from the base commit, gets the secrets, and gives the sandbox its image", async () => {
    const it = world(script("apt-get install -y libfoo"));
    expect(await setUp(it)).toBe("farhand/setup:1");
    expect(it.read).toEqual([`${base.baseCommit} .farhand/setup.sh`]);
    expect(it.asked).toMatchObject([
      {
        taskId: "t_1",
        attempt: 2,
        limits: sandbox.limits,
        token: "of the setup",
        socketDirectory: "/s.s",
        socketName: "e.sock",
        script: "apt-get install -y libfoo",
        environment: { TOKEN: "for the setup" },
        scope: "u_ada example.org/shop",
      },
    ]);
    expect(it.events).toMatchObject([
      { type: "setup.started", path: ".farhand/setup.sh" },
      { type: "setup.finished", exitCode: 0, isCached: false, tail: "done with [secret]" },
    ]);
    expect(JSON.stringify(it.events)).not.toContain("for the setup");
    // What speaks for the attempt stays out of it.
    expect(Object.values(it.asked[0] ?? {})).not.toContain(sandbox.token);
    expect(it.ways).toEqual(["open t_1 token", "closed"]);
  });

  test("is nothing where the repository has none", async () => {
    const it = world(null);
    expect(await setUp(it)).toBeNull();
    expect([it.events, it.asked]).toEqual([[], []]);
  });

  test("that fails ends the turn, after its last lines were told", async () => {
    const it = world(script("false"), { image: null, isCached: false, exitCode: 1, tail: "no such package" });
    const error = await setUp(it).catch((thrown: unknown) => thrown);
    if (!(error instanceof FarhandError)) throw new Error("expected a FarhandError");
    expect(error.failure).toMatchObject({ code: "setup_failed", retryable: true });
    expect(it.events.at(-1)).toMatchObject({ type: "setup.finished", exitCode: 1, tail: "no such package" });
    expect(it.ways.at(-1)).toBe("closed");
  });

  test.each<[string, FileNode]>([
    [
      "a link",
      { kind: "symlink", commit: base.baseCommit, path: ".farhand/setup.sh", target: "/etc/passwd" },
    ],
    [
      "a folder",
      { kind: "folder", commit: base.baseCommit, path: ".farhand/setup.sh", entries: [], truncated: false },
    ],
    ["too long", script("#".repeat(64 * 1024 + 1))],
  ])("is refused when it is %s", async (_, node) => {
    const it = world(node);
    const error = await setUp(it).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "setup_failed" });
    expect(it.asked).toEqual([]);
  });

  test("is left out with a warning where there is no system to set up", async () => {
    const it = world(script("true"));
    Object.assign(it.options.driver, { setUp: null });
    expect(await setUp(it)).toBeNull();
    expect(it.events).toMatchObject([{ type: "notice", code: "setup_skipped", level: "warning" }]);
  });
});
