import { expect, test } from "bun:test";
import { GatewayAway, GatewayRefusal } from "./gateway-client.ts";
import { keepOutputs } from "./kept-outputs.ts";

/** Answers one after the other; a put that throws none is taken. */
function keeping(...answers: (Error | null)[]) {
  const puts: string[] = [];
  const keep = keepOutputs({
    put: async (toolUseId, text) => {
      puts.push(`${toolUseId} ${text}`);
      const answer = answers.shift();
      if (answer) throw answer;
    },
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
    random: () => 0,
  });
  return { keep, puts };
}
const { signal } = new AbortController();

test("an output is brought until the server has it", async () => {
  const { keep, puts } = keeping(new GatewayAway("away"), new GatewayAway("away"));
  expect(await keep("use1", "text", signal)).toBe(true);
  expect(puts).toEqual(["use1 text", "use1 text", "use1 text"]);
});

test("no room for it is no trouble", async () => {
  const { keep, puts } = keeping(new GatewayRefusal(413, "full"));
  expect(await keep("use1", "text", signal)).toBe(false);
  expect(puts).toHaveLength(1);
});

test("whoever is stopped meanwhile waits no longer", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const { keep } = keeping(new GatewayAway("away"));
  await expect(keep("use1", "text", stop.signal)).rejects.toThrow("stopped");
});
