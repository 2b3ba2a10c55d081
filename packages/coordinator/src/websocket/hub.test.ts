import { afterAll, describe, expect, test } from "bun:test";
import { CloseCode, PROTOCOL_VERSION } from "@farhand/protocol";
import { OTHER, OWNER, startHub } from "../../test/hub-world.ts";
import { memoryTaskId } from "../../test/memory-log.ts";

const world = startHub();
const task = world.memory.addTask(1, OWNER.id);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(world.errors).toEqual([]);
});

describe("a connection", () => {
  test("is refused without a known token, and without a hello", async () => {
    using wrong = await world.connect({ token: "fho_wrong" });
    expect((await wrong.closed).code).toBe(CloseCode.unauthorized);
    using hasty = await world.connect();
    hasty.send({ type: "ping" });
    expect((await hasty.closed).code).toBe(CloseCode.unauthorized);
  });

  test.each([
    { type: "hello", protocol: PROTOCOL_VERSION + 1, token: OWNER.token },
    { type: "hello", protocol: PROTOCOL_VERSION - 1, token: OWNER.token },
    { type: "hello", protocol: 99, credential: "of another time" },
  ])("is refused with another protocol version: %j", async (hello) => {
    using client = await world.connect();
    client.send(hello);
    expect(await client.closed).toEqual({
      code: CloseCode.unsupportedProtocol,
      reason: `this server speaks protocol ${PROTOCOL_VERSION}`,
    });
  });

  test.each<[unknown, string]>([
    ["{", "the frame is not JSON"],
    ["null", "the frame has no type that is known here"],
    ["[]", "the frame has no type that is known here"],
    [{ type: "shout" }, "the frame has no type that is known here"],
    [{ type: "ping", loud: true }, "the frame ping has keys that are not known here"],
    [{ type: "subscribe", taskId: task, after: -1 }, "the frame subscribe is wrong in its field after"],
    [{ type: "subscribe", taskId: task, after: 1.5 }, "the frame subscribe is wrong in its field after"],
    [{ type: "subscribe", taskId: "../1", after: 0 }, "the frame subscribe is wrong in its field taskId"],
    [{ type: "hello", protocol: PROTOCOL_VERSION }, "the frame hello is wrong in its field token"],
  ])("is closed on the frame %j, and told why", async (frame, reason) => {
    using client = await world.connect(OWNER);
    client.send(frame);
    expect(await client.closed).toEqual({ code: CloseCode.badFrame, reason });
  });

  test("is closed on a binary frame", async () => {
    using client = await world.connect(OWNER);
    client.socket.send(new Uint8Array([1, 2, 3]));
    expect((await client.closed).code).toBe(CloseCode.badFrame);
  });

  test("is closed on a frame of 10 MB, which disturbs nobody else", async () => {
    using other = await world.connect(OWNER);
    other.send({ type: "subscribe", taskId: task, after: 0 });
    for (const _ of [1, 2, 3]) {
      using client = await world.connect(OWNER);
      client.send("x".repeat(10_000_000));
      expect((await client.closed).code).toBeOneOf([1006, 1009]);
    }
    await other.settle();
    expect(other.seqs()).toEqual([1]);
    using next = await world.connect(OWNER);
    await next.settle();
  });

  test("gets an answer to its ping", async () => {
    using client = await world.connect(OWNER);
    await client.settle();
    expect(client.frames.map((frame) => frame.type)).toEqual(["welcome", "pong"]);
  });

  test("may say hello again, but not as somebody else", async () => {
    using client = await world.connect(OWNER);
    client.hello(OWNER.token);
    await client.settle();
    expect(client.count("welcome")).toBe(2);
    client.hello(OTHER.token);
    expect((await client.closed).code).toBe(CloseCode.unauthorized);
  });

  test("answers the same for an unknown task and for somebody else's", async () => {
    const others = world.memory.addTask(3, OTHER.id);
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe", taskId: others, after: 0 });
    client.send({ type: "subscribe", taskId: memoryTaskId(4), after: 0 });
    await client.settle();
    const problems = client.frames.flatMap((frame) => (frame.type === "error" ? [frame.problem] : []));
    expect(problems.map(({ status, code }) => [status, code])).toEqual([
      [404, "not_found"],
      [404, "not_found"],
    ]);
    expect(problems[0]).toEqual({ ...problems[1], detail: `There is no task ${others}.` } as never);
  });

  test("is told to come back later when the server stops", async () => {
    await using stopping = startHub();
    using client = await stopping.connect(OWNER);
    await client.settle();
    stopping.hub.closeAll();
    expect((await client.closed).code).toBe(CloseCode.goingAway);
  });
});

describe("heartbeats", () => {
  test("come to whoever gives signs of life, and who gives none is cut off", async () => {
    await using quick = startHub({ heartbeatMs: 40 });
    using talker = await quick.connect(OWNER);
    talker.onFrame((frame) => {
      if (frame.type === "heartbeat") talker.send({ type: "ping" });
    });
    using silent = await quick.connect(OWNER);
    expect((await silent.closed).code).toBe(CloseCode.silent);
    expect(silent.count("heartbeat")).toBe(3);
    const before = talker.count("heartbeat");
    await talker.until(() => talker.count("heartbeat") >= before + 4);
  });

  test("do not come before the hello", async () => {
    await using quick = startHub({ heartbeatMs: 5 });
    using stranger = await quick.connect();
    using known = await quick.connect(OWNER);
    await known.until(() => known.count("heartbeat") === 2);
    expect(stranger.frames).toEqual([]);
  });
});

describe("trouble of the server's own", () => {
  test("ends the connection, so that the client comes again and resumes", async () => {
    await using world = startHub();
    const id = world.memory.addTask(1, OWNER.id);
    using client = await world.connect(OWNER);
    client.send({ type: "subscribe_tasks" });
    await client.settle();
    world.memory.delay = () => Promise.reject(new Error("the database is away"));
    world.memory.append(id, [{ type: "turn.stopped" }]);
    expect((await client.closed).code).toBe(1011);
    expect(String(world.errors)).toContain("the database is away");
  });
});

describe("the task that is in front", () => {
  test("is known until another is, or none, or the connection ends", async () => {
    const device = { id: `d_${"1".repeat(26)}`, userId: OWNER.id, sessionId: null };
    const isLooking = () => world.presence.isLooking(device, task);
    const client = await world.connect(OWNER);
    client.send({ type: "looking", taskId: task, deviceId: device.id });
    await client.settle();
    expect([isLooking(), world.presence.isLooking({ ...device, userId: OTHER.id }, task)]).toEqual([
      true,
      false,
    ]);
    client.send({ type: "looking", taskId: null });
    await client.settle();
    expect(isLooking()).toBe(false);
    client.send({ type: "looking", taskId: task, deviceId: device.id });
    await client.settle();
    client.socket.close();
    await client.closed;
    while (isLooking()) await Bun.sleep(2);
  });

  test("is not told by somebody who has not said who they are", async () => {
    using client = await world.connect();
    client.send({ type: "looking", taskId: task });
    expect((await client.closed).code).toBe(CloseCode.unauthorized);
  });
});
