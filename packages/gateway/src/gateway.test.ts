import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ACKNOWLEDGED_HEADER, PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import {
  assignment,
  BRANCH,
  Door,
  delta,
  FakePorts,
  notice,
  OTHER_TASK,
  problemIn,
  routes,
  TASK,
  until,
} from "../test/fixture.ts";
import { createGateway } from "./gateway.ts";

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});
afterEach(() => door[Symbol.asyncDispose]());

describe("a task's socket", () => {
  test("may be entered and connected to, but not changed, by another user", async () => {
    expect((await stat(join(door.socket, ".."))).mode & 0o777).toBe(0o755);
    expect((await stat(door.socket)).mode & 0o777).toBe(0o666);
  });

  test("is opened once, however often it is asked for", async () => {
    const [first, second] = await Promise.all([door.gateway.open(TASK), door.gateway.open(TASK)]);
    expect(first).toEqual(second);
    expect((await door.fetch("/farhand/v1/assignment?after=0")).status).toBe(200);
  });

  test("takes the place of a stale socket file", async () => {
    const directory = join(door.folder, "run", OTHER_TASK);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "g.sock"), "left over");
    await chmod(directory, 0o700);
    const opened = await door.gateway.open(OTHER_TASK);
    expect(opened.directory).toBe(directory);
    const response = await fetch("http://gateway/", { unix: join(directory, opened.socketName) });
    expect(response.status).toBe(403);
  });

  test("is gone with its folder after it was closed, and can be opened again", async () => {
    await door.gateway.close(TASK);
    await expect(stat(join(door.socket, ".."))).rejects.toThrow("ENOENT");
    await door.gateway.close(TASK);
    await door.gateway.open(TASK);
    expect((await door.fetch("/farhand/v1/assignment?after=0")).status).toBe(200);
  });

  test("ends open requests when it is closed", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0").then(
      () => "answered",
      () => "cut off",
    );
    await until(() => door.ports.waiting === 1);
    await door.gateway.close(TASK);
    expect(await held).toBe("cut off");
    await until(() => door.ports.waiting === 0);
  });

  test("is refused where its path is too long for the system", async () => {
    const runDirectory = join(door.folder, "x".repeat(90));
    await using gateway = createGateway({
      ports: new FakePorts(),
      runDirectory,
    });
    await expect(gateway.open(TASK)).rejects.toThrow(/107: choose a shorter data folder/);
  });

  test("is refused for what is no task id", async () => {
    await expect(door.gateway.open("../../etc")).rejects.toThrow("is not a task id");
  });

  test("answers only with the tokens of its own task", async () => {
    const { directory, socketName } = await door.gateway.open(OTHER_TASK);
    const response = await fetch("http://gateway/farhand/v1/assignment?after=0", {
      unix: join(directory, socketName),
      headers: { authorization: "Bearer one", [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) },
    });
    expect(response.status).toBe(401);
  });
});

const badQueries = ["", "?after=-1", "?after=x", "?after=1.5", "?after=1&more=1", "?after=1&after=2"];

describe("every request", () => {
  test.each(routes)("%s %s needs a token", async (method, path) => {
    for (const token of [null, "wrong"]) {
      const problem = await problemIn(await door.fetch(path, { method, token }));
      expect([problem.status, problem.code]).toEqual([401, "unauthorized"]);
    }
  });

  test.each(routes)("%s %s of an older attempt is refused", async (method, path) => {
    door.ports.attempt = 2;
    const problem = await problemIn(await door.fetch(path, { method }));
    expect([problem.status, problem.code]).toEqual([410, "stale_attempt"]);
    expect(door.ports.log).toEqual([]);
  });

  test.each(routes.slice(0, 5))("%s %s must speak the protocol's version", async (method, path) => {
    const response = await door.fetch(path, { method, headers: { [PROTOCOL_HEADER]: "99" } });
    expect(response.headers.get(PROTOCOL_HEADER)).toBe(String(PROTOCOL_VERSION));
    const problem = await problemIn(response);
    expect([problem.status, problem.code]).toEqual([426, "unsupported_protocol"]);
    expect(problem.detail).toMatch(/"99".*speaks 2/);
  });

  test("for anything that does not exist is told that it is policy, before its token is looked at", async () => {
    const problem = await problemIn(await door.fetch("/etc/passwd", { token: null }));
    expect([problem.status, problem.code]).toEqual([403, "policy"]);
    expect(problem.detail).toContain("This is policy, not a fault");
    expect(door.ports.claims).toBe(0);
  });

  test.each([
    "GET //v1/models HTTP/1.1",
    "GET http://registry.example.org/v1/models HTTP/1.1\r\nHost: registry.example.org",
    "CONNECT api.example.org:443 HTTP/1.1",
    "GET /v1/%2fmodels HTTP/1.1",
  ])("written as %j is refused", async (head) => {
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      void Bun.connect({
        unix: door.socket,
        socket: {
          open: (socket) => {
            const host = head.includes("Host:") ? "" : "Host: gateway\r\n";
            socket.write(`${head}\r\n${host}Authorization: Bearer one\r\nConnection: close\r\n\r\n`);
          },
          data: (socket, data) => {
            chunks.push(data);
            socket.end();
          },
          close: () => resolve(),
          error: (_, error) => reject(error),
        },
      });
    });
    expect(Buffer.concat(chunks).toString()).toStartWith("HTTP/1.1 403 ");
  });
});

describe("events", () => {
  test("are appended and acknowledged, repeats too", async () => {
    const first = await door.post("/farhand/v1/events", { events: [notice(1), notice(2)] });
    expect(await first.json()).toEqual({ acknowledged: 2 });
    const again = await door.post("/farhand/v1/events", { events: [notice(1), notice(2), notice(3)] });
    expect(await again.json()).toEqual({ acknowledged: 3 });
    expect(door.ports.log.map((event) => event.n)).toEqual([1, 2, 3]);
  });

  test("after a gap are refused with the number to go on from", async () => {
    await door.post("/farhand/v1/events", { events: [notice(1)] });
    const response = await door.post("/farhand/v1/events", { events: [notice(3)] });
    expect(response.headers.get(ACKNOWLEDGED_HEADER)).toBe("1");
    const problem = await problemIn(response);
    expect([problem.status, problem.code]).toEqual([409, "event_gap"]);
    expect(problem.detail).toContain("Event 1");
  });

  test("are refused once the attempt has reported more than one may, and the next attempt may again", async () => {
    await using small = await Door.open(undefined, { eventsMaxBytes: 1024 * 1024 });
    const large = (n: number) => ({
      events: [{ ...notice(n), event: { ...notice(n).event, message: "x".repeat(600_000) } }],
    });
    expect((await small.post("/farhand/v1/events", large(1))).status).toBe(200);
    const problem = await problemIn(await small.post("/farhand/v1/events", large(2)));
    expect([problem.status, problem.code]).toEqual([413, "payload_too_large"]);
    expect(problem.detail).toContain("more than the 1 MiB");
    expect((await small.post("/farhand/v1/events", { events: [notice(2)] })).status).toBe(413);
    expect(small.ports.log).toHaveLength(1);
    expect(small.ports.tooMuch).toHaveLength(2);
    small.ports.attempt = 2;
    const next = await small.post("/farhand/v1/events", { events: [notice(2)] }, { token: "two" });
    expect(next.status).toBe(200);
  });

  test("that do not follow one another inside the batch are refused", async () => {
    const problem = await problemIn(
      await door.post("/farhand/v1/events", { events: [notice(1), notice(3)] }),
    );
    expect([problem.status, problem.code]).toEqual([400, "invalid_request"]);
    expect(problem.fields?.[0]?.path).toBe("events.1.n");
    expect(door.ports.log).toEqual([]);
  });

  test("that only the coordinator may say are refused", async () => {
    const forged = { n: 1, at: notice(1).at, event: { type: "state.changed", from: "running", to: "idle" } };
    const problem = await problemIn(await door.post("/farhand/v1/events", { events: [forged] }));
    expect(problem.code).toBe("invalid_request");
    expect(problem.fields?.[0]?.path).toStartWith("events.0.event");
  });

  test.each(["", "{", "[]", '{"events":[]}', '{"events":[],"more":1}'])(
    "in the body %j are refused",
    async (body) => {
      const problem = await problemIn(await door.fetch("/farhand/v1/events", { method: "POST", body }));
      expect(problem.code).toBe("invalid_request");
    },
  );

  test.each([
    ["/farhand/v1/events", 8],
    ["/farhand/v1/deltas", 1],
    ["/farhand/v1/messages", 1],
    ["/v1/messages", 32],
  ])("and other bodies to %s end at %d MiB, also without a length", async (path, mebibytes) => {
    const body = new Uint8Array(mebibytes * 1024 * 1024 + 1).fill(32);
    const known = await problemIn(await door.fetch(path, { method: "POST", body }));
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    });
    const chunked = await problemIn(await door.fetch(path, { method: "POST", body: stream }));
    for (const problem of [known, chunked]) {
      expect([problem.status, problem.code]).toEqual([413, "payload_too_large"]);
    }
  });
});

describe("deltas", () => {
  test("are passed on", async () => {
    const response = await door.post("/farhand/v1/deltas", { deltas: [delta] });
    expect(response.status).toBe(204);
    expect(door.ports.deltas).toHaveLength(1);
  });
});

describe("the inbox", () => {
  test("gives what is there at once and holds the request while there is nothing", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0");
    await until(() => door.ports.waiting === 1);
    door.ports.send({ n: 1, type: "messages" });
    expect(await (await held).json()).toEqual({ items: [{ n: 1, type: "messages" }] });
    expect((await door.fetch("/farhand/v1/inbox?after=0")).status).toBe(200);
  });

  test("stops waiting when the worker has gone", async () => {
    const abort = new AbortController();
    const held = door.fetch("/farhand/v1/inbox?after=0", { signal: abort.signal }).catch(() => "gone");
    await until(() => door.ports.waiting === 1);
    abort.abort();
    expect(await held).toBe("gone");
    await until(() => door.ports.waiting === 0);
  });

  test("tells a waiting attempt that a newer one has taken over, as soon as that one speaks", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0");
    await until(() => door.ports.waiting === 1);
    door.ports.attempt = 2;
    await door.fetch("/farhand/v1/assignment?after=0", { token: "two" });
    expect((await problemIn(await held)).code).toBe("stale_attempt");
  });

  test("tells a waiting attempt so within moments even if the newer one is silent", async () => {
    const held = door.fetch("/farhand/v1/inbox?after=0");
    await until(() => door.ports.waiting === 1);
    door.ports.attempt = 2;
    expect((await problemIn(await held)).code).toBe("stale_attempt");
  });

  test.each(badQueries)("refuses the query %j", async (query) => {
    expect((await problemIn(await door.fetch(`/farhand/v1/inbox${query}`))).code).toBe("invalid_request");
  });
});

describe("the answer to a question", () => {
  test("is waited for, and given as the coordinator has it", async () => {
    const held = door.fetch("/farhand/v1/answer?question=toolu_1");
    door.ports.outcomes.set("toolu_1", { status: "answered", answer: "yes" });
    expect(await (await held).json()).toEqual({ status: "answered", answer: "yes" });
  });

  test.each(["", "?question=", "?question=a&question=b", "?question=a&after=1"])(
    "refuses the query %j",
    async (query) => {
      expect((await problemIn(await door.fetch(`/farhand/v1/answer${query}`))).code).toBe("invalid_request");
    },
  );
});

describe("messages", () => {
  const message = (n: number) => ({ n, messageId: `m_${n}`, text: `text ${n}` });

  test("that were delivered after the given number are handed out, as often as they are asked for", async () => {
    door.ports.taken = [message(1), message(2), message(3)];
    for (const _ of [1, 2]) {
      const response = await door.post("/farhand/v1/messages", { after: 1 });
      expect(await response.json()).toEqual({ messages: [message(2), message(3)] });
    }
  });

  test("are not given to an attempt that went stale meanwhile", async () => {
    door.ports.taken = null;
    const problem = await problemIn(await door.post("/farhand/v1/messages", { after: 0 }));
    expect([problem.status, problem.code]).toEqual([410, "stale_attempt"]);
  });

  test.each([{}, { after: -1 }, { after: "1" }, { after: 1.5 }, { after: 1, more: 1 }, null])(
    "are not given for the body %j",
    async (body) => {
      expect((await problemIn(await door.post("/farhand/v1/messages", body))).code).toBe("invalid_request");
    },
  );
});

describe("the assignment", () => {
  test("is held until it is ready", async () => {
    const ready = Promise.withResolvers<typeof assignment>();
    let isAsked = false;
    door.ports.assignmentOf = () => {
      isAsked = true;
      return ready.promise;
    };
    const held = door.fetch("/farhand/v1/assignment?after=0");
    await until(() => isAsked);
    ready.resolve(assignment);
    expect(await (await held).json()).toEqual({ ...assignment, branch: BRANCH });
  });

  test("is asked for by the turn that is done, and no longer once the worker has gone", async () => {
    const asked = Promise.withResolvers<number>();
    const left = Promise.withResolvers<void>();
    door.ports.assignmentOf = (after, signal) => {
      asked.resolve(after);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          left.resolve();
          reject(signal.reason);
        });
      });
    };
    const abort = new AbortController();
    const held = door.fetch("/farhand/v1/assignment?after=3", { signal: abort.signal }).catch(() => "gone");
    expect(await asked.promise).toBe(3);
    abort.abort();
    expect(await held).toBe("gone");
    await left.promise;
  });

  test.each(badQueries)("is not given for the query %j", async (query) => {
    expect((await problemIn(await door.fetch(`/farhand/v1/assignment${query}`))).code).toBe(
      "invalid_request",
    );
  });

  test("that will never be ready tells why", async () => {
    const failure = {
      code: "repository_not_found",
      message: "There is no such repository.",
      action: "Look.",
      retryable: false,
    };
    door.ports.assignmentOf = () => Promise.reject(Object.assign(new Error("x"), { failure }));
    const problem = await problemIn(await door.fetch("/farhand/v1/assignment?after=0"));
    expect(problem).toMatchObject({
      status: 422,
      code: "repository_not_found",
      detail: failure.message,
      action: "Look.",
    });
  });

  test("that meets a bug tells nothing about it", async () => {
    door.ports.assignmentOf = () => Promise.reject(new Error("SELECT secret FROM vault"));
    const problem = await problemIn(await door.fetch("/farhand/v1/assignment?after=0"));
    expect([problem.status, problem.code]).toEqual([500, "internal"]);
    expect(JSON.stringify(problem)).not.toContain("vault");
  });
});
