import { expect, test } from "bun:test";
import { DELTAS_BODY_MAX_BYTES, type Delta, DeltaBatch } from "@farhand/protocol";
import { until } from "../test/until.ts";
import { Deltas } from "./deltas.ts";

const piece = (text: string, index = 0): Delta => ({ messageId: "m", index, kind: "text", text });

test("pieces of one block travel as one, and blocks stay apart and in order", async () => {
  const posts: Delta[][] = [];
  await using deltas = new Deltas(async (batch) => void posts.push(batch));
  for (const text of ["Hel", "lo", "", "!"]) deltas.push(piece(text));
  deltas.push(piece("next", 1));
  await until(() => posts.length > 0);
  expect(posts).toEqual([[piece("Hello!"), piece("next", 1)]]);
});

test("one request at a time is made; what comes meanwhile follows in the next", async () => {
  const posts: Delta[][] = [];
  const gate = Promise.withResolvers<void>();
  await using deltas = new Deltas(async (batch) => {
    posts.push(batch);
    await gate.promise;
  });
  deltas.push(piece("a"));
  await until(() => posts.length === 1);
  deltas.push(piece("b"));
  deltas.push(piece("c"));
  await Bun.sleep(60);
  expect(posts).toHaveLength(1);
  gate.resolve();
  await until(() => posts.length === 2);
  expect(posts[1]).toEqual([piece("bc")]);
});

test("pieces that nobody takes are dropped, and later ones still go out", async () => {
  const posts: Delta[][] = [];
  await using deltas = new Deltas(async (batch) => {
    posts.push(batch);
    if (posts.length === 1) throw new Error("away");
  });
  deltas.push(piece("a"));
  await until(() => posts.length === 1);
  deltas.push(piece("b"));
  await until(() => posts.length === 2);
  expect(posts[1]).toEqual([piece("b")]);
});

test("a finished message's leftover is dropped", async () => {
  const posts: Delta[][] = [];
  await using deltas = new Deltas(async (batch) => void posts.push(batch));
  deltas.push(piece("late"));
  deltas.drop("m");
  deltas.push({ ...piece("new"), messageId: "n" });
  await until(() => posts.length === 1);
  expect(posts[0]?.map(({ messageId }) => messageId)).toEqual(["n"]);
});

test("however much comes while a request is out, the next keeps to the protocol", async () => {
  const posts: Delta[][] = [];
  const gate = Promise.withResolvers<void>();
  await using deltas = new Deltas(async (batch) => {
    posts.push(batch);
    await gate.promise;
  });
  deltas.push(piece("first"));
  await until(() => posts.length === 1);
  for (let index = 0; index < 3_000; index++) deltas.push(piece("\u0001".repeat(100), index));
  gate.resolve();
  await until(() => posts.length === 2);
  const body = { deltas: posts[1] };
  expect(DeltaBatch.safeParse(body).success).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(DELTAS_BODY_MAX_BYTES);
});
