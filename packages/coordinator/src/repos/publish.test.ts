import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startGitHubSimulator } from "@farhand/simulators/github";
import type { Remote, Repositories } from "../domain/ports.ts";
import {
  at,
  BRANCH,
  type Fixture,
  failureOf,
  git,
  never,
  openFixture,
  processesNaming,
  task,
  taskId,
} from "./repositories.fixture.ts";

let fixture: Fixture;
let folder: string;
let directory: string;
let source: string;
let work: string;
let repositories: Repositories;

beforeEach(async () => {
  fixture = await openFixture();
  ({ folder, directory, source, work, repositories } = fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("publishing", () => {
  test("pushes the branch and nothing else, and does so once", async () => {
    const { tip } = await fixture.prepareWithWork(1, at(source));
    await repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, at(source), never);
    await repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, at(source), never);
    expect(await git(source, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
    expect(await git(source, "for-each-ref", "--format=%(refname)")).toBe(
      `refs/heads/dev\nrefs/heads/${BRANCH}\nrefs/heads/trunk`,
    );
  });

  test("never overwrites a branch that holds other commits", async () => {
    const { tip } = await fixture.prepareWithWork(1, at(source));
    await git(work, "checkout", "--quiet", "--detach", "HEAD^");
    const other = await fixture.commit({ "z.txt": "other" });
    await git(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(tip).not.toBe(other);
    expect(
      (await failureOf(repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, at(source), never)))
        .code,
    ).toBe("branch_exists");
    expect(await git(source, "rev-parse", `refs/heads/${BRANCH}`)).toBe(other);
  });

  test("tells the remote's own sentence when it refuses", async () => {
    const { tip } = await fixture.prepareWithWork(1, at(source));
    const hook = '#!/bin/sh\necho "Commits must mention a ticket." >&2\nexit 1\n';
    await writeFile(join(source, "hooks", "pre-receive"), hook, { mode: 0o755 });
    const { failure } = await failureOf(
      repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, at(source), never),
    );
    expect(failure.code).toBe("push_refused");
    expect(failure.message).toContain("Commits must mention a ticket.");
  });

  test("of a commit that the agent never pushed is refused", async () => {
    await repositories.prepare(task(1), at(source), never);
    const work = { branch: BRANCH, commit: "c".repeat(40) };
    expect((await failureOf(repositories.publish(taskId(1), work, at(source), never))).code).toBe(
      "not_found",
    );
  });

  test("ends with git when it is aborted, and leaves the remote as it was", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    const asked = Promise.withResolvers<void>();
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: () => {
        asked.resolve();
        return new Promise<Response>(() => undefined);
      },
    });
    const url = `http://127.0.0.1:${server.port}/o/n`;
    const abort = new AbortController();
    const publishing = repositories.publish(
      taskId(1),
      { branch: BRANCH, commit: tip },
      at(url),
      abort.signal,
    );
    await asked.promise;
    abort.abort(new Error("the coordinator stops"));
    await expect(publishing).rejects.toThrow("the coordinator stops");
    expect(await processesNaming(url)).toEqual([]);
    await server.stop(true);
    await expect(
      repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, at(source), abort.signal),
    ).rejects.toThrow("stops");
  });
});

describe("a remote that asks for a credential", () => {
  const token = "ghp-canary-0123456789";
  const having = (url: string, password = token): Remote => ({
    url,
    credential: { username: "x-access-token", password },
  });

  test("is fetched and pushed to with one, which stands in no file and no argument", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, {
      private: true,
      defaultBranch: "trunk",
    });
    const { tip } = await fixture.prepareWithWork(1, having(added.cloneUrl));
    await repositories.publish(taskId(1), { branch: BRANCH, commit: tip }, having(added.cloneUrl), never);
    expect(await git(added.path, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
    const found = Bun.spawnSync(["grep", "-r", "-l", token, directory]);
    expect(found.stdout.toString()).toBe("");
  });

  test("is told without one, with a wrong one, and when there is no such repository", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, { private: true });
    const without = await failureOf(repositories.prepare(task(1), at(added.cloneUrl), never));
    expect(without.code).toBe("repository_needs_credential");
    const wrong = await failureOf(
      repositories.prepare(task(1), having(added.cloneUrl, "wrong-canary"), never),
    );
    expect(wrong.code).toBe("repository_needs_credential");
    expect(JSON.stringify(wrong.failure)).not.toContain("canary");
    const missing = await failureOf(repositories.prepare(task(1), having(`${github.url}/mara/none`), never));
    expect(missing.code).toBe("repository_not_found");
  });

  test("may refuse the push of a user who only reads", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara", other: "reader" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, {
      collaborators: [],
      defaultBranch: "trunk",
    });
    const { tip } = await fixture.prepareWithWork(1, having(added.cloneUrl));
    const { failure } = await failureOf(
      repositories.publish(
        taskId(1),
        { branch: BRANCH, commit: tip },
        having(added.cloneUrl, "other"),
        never,
      ),
    );
    expect(failure.code).toBe("push_refused");
  });

  test("that sends git elsewhere does not take the credential along", async () => {
    const received: (string | null)[] = [];
    const elsewhere = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        received.push(request.headers.get("authorization"));
        return new Response("who are you?", {
          status: 401,
          headers: { "www-authenticate": 'Basic realm="elsewhere"' },
        });
      },
    });
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        if (request.headers.get("authorization") === null) {
          return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="here"' } });
        }
        const { pathname, search } = new URL(request.url);
        return Response.redirect(`http://localhost:${elsewhere.port}${pathname}${search}`, 301);
      },
    });
    const { code } = await failureOf(
      repositories.prepare(task(1), having(`http://127.0.0.1:${server.port}/o/n`), never),
    );
    expect(code).toBe("repository_needs_credential");
    expect(received.length).toBeGreaterThan(0);
    expect(received.every((header) => header === null)).toBe(true);
    await Promise.all([server.stop(true), elsewhere.stop(true)]);
  });
});
