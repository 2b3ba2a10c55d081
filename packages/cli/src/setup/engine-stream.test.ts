import { expect, test } from "bun:test";
import { PassThrough, Readable } from "node:stream";
import { type EngineLine, followEngine } from "./engine-stream.ts";

const follow = async (chunks: string[]) => {
  const lines: EngineLine[] = [];
  await followEngine(Readable.from(chunks), { idleMs: 5_000, onLine: (line) => lines.push(line) });
  return lines;
};

test("lines are put together however the stream cuts them", async () => {
  const whole = '{"stream":"Step 1/2"}\r\n{"status":"Pulling","id":"abc"}\n\n{"aux":{"ID":"x"}}';
  const expected: EngineLine[] = [{ stream: "Step 1/2" }, { status: "Pulling", id: "abc" }, {}];
  expect(await follow([whole])).toEqual(expected);
  expect(await follow([...whole])).toEqual(expected);
});

test("what the engine calls an error is one", async () => {
  const failing = follow([
    '{"stream":"Step 1/2"}\n',
    '{"errorDetail":{"code":1},"error":"apt-get returned 100 "}\n',
  ]);
  await expect(failing).rejects.toThrow(/^apt-get returned 100$/);
});

test("silence ends the wait", async () => {
  const silent = new PassThrough();
  silent.write('{"status":"Pulling"}\n');
  const lines: EngineLine[] = [];
  const following = followEngine(silent, { idleMs: 30, onLine: (line) => lines.push(line) });
  await expect(following).rejects.toThrow("said nothing");
  expect(lines).toEqual([{ status: "Pulling" }]);
  silent.destroy();
});
