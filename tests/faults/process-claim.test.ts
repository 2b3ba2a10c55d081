import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claim } from "./process-claim.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "claim-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = `import { claim } from ${JSON.stringify(join(import.meta.dir, "process-claim.ts"))};
  const held = await claim(process.argv[2], "the cache").catch((error) => (console.log(error.message), null));
  if (held === null) process.exit(1);
  console.log("mine");
  await Bun.stdin.text();
  await held[Symbol.asyncDispose]();`;

async function start(path: string, argv: string[]) {
  const child = Bun.spawn([...argv, path], { cwd: folder, stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  const said = new TextDecoder().decode((await reader.read()).value).trim();
  return { child, said };
}

test("two runs at once do not share a claim, however they were started, and one that was killed does not keep it", async () => {
  const file = join(folder, "program.ts");
  await Bun.write(file, program);
  const path = join(folder, "owner");
  const first = await start(path, [process.execPath, file]);
  expect(first.said).toBe("mine");
  const second = await start(path, ["bun", "program.ts"]);
  expect(second.said).toBe(`process ${first.child.pid} uses the cache: wait until it is through`);
  first.child.kill("SIGKILL");
  await first.child.exited;
  const third = await start(path, ["bun", "run", "./program.ts"]);
  expect(third.said).toBe("mine");
  await third.child.stdin.end();
  await third.child.exited;
  expect(await Bun.file(path).exists()).toBe(false);
});

test("a process of another program with the number of the owner does not keep it", async () => {
  const path = join(folder, "reused");
  await Bun.write(path, "1");
  await using _ = await claim(path, "the cache");
  expect(await Bun.file(path).text()).toBe(String(process.pid));
});
