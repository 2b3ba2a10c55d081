import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "./setup-error.ts";
import { ensureWorkerBinary } from "./worker-binary.ts";

let root: string;
const said: string[] = [];
const ensure = () => ensureWorkerBinary({ root, log: (line) => said.push(line) });
const write = (path: string, text: string) => Bun.write(join(root, path), text);
const built = async () => (await readdir(join(root, "build"))).toSorted();

beforeEach(async () => {
  said.length = 0;
  root = await mkdtemp(join(tmpdir(), "farhand-binary-"));
  await write("bun.lock", "lock 1");
  await write("packages/worker/src/main.ts", "worker 1");
  await write("packages/protocol/src/index.ts", "protocol 1");
  await write(
    "packages/worker/build.ts",
    'await Bun.write(process.argv[2] ?? "", "#!/bin/sh\\necho built\\n");',
  );
});

afterEach(() => rm(root, { recursive: true, force: true }));

test("the worker is compiled once for the same sources, into a program that runs", async () => {
  const path = await ensure();
  expect(await ensure()).toBe(path);
  expect(said).toEqual(["Compiling the worker …"]);
  expect(await Bun.$`${path}`.text()).toBe("built\n");
});

test("a change of the worker, the protocol, the build or the lock file makes another binary, one of a test does not", async () => {
  const first = await ensure();
  await write("packages/worker/src/main.test.ts", "a test");
  expect(await ensure()).toBe(first);
  const paths = new Set([first]);
  for (const file of ["packages/worker/src/main.ts", "packages/protocol/src/index.ts", "bun.lock"]) {
    await write(file, "changed");
    paths.add(await ensure());
  }
  expect(paths.size).toBe(4);
});

test("the last binary is kept beside the present one, and older ones go", async () => {
  const paths: string[] = [];
  for (const [index, text] of ["one", "two", "three"].entries()) {
    await write("packages/worker/src/main.ts", text);
    const path = await ensure();
    await utimes(path, 1_000 + index, 1_000 + index);
    paths.push(path);
  }
  await write("build/something-else", "stays");
  await write("packages/worker/src/main.ts", "four");
  const present = await ensure();
  const names = [present, paths[2] ?? ""].map((path) => path.slice(join(root, "build/").length));
  expect(await built()).toEqual([...names, "something-else"].toSorted());
});

test("a build that fails leaves nothing and shows the compiler's words", async () => {
  await write(
    "packages/worker/build.ts",
    'await Bun.write(process.argv[2] ?? "", "half"); throw new Error("no such type");',
  );
  const error = await ensure().catch((thrown: unknown) => thrown);
  if (!(error instanceof SetupError)) throw new Error("expected a SetupError");
  expect(error.message).toContain("no such type");
  expect(error.action).not.toBe("");
  expect(await built()).toEqual([]);
});

test("a build that makes no file is a failure whatever its exit code says", async () => {
  await write("packages/worker/build.ts", "");
  await expect(ensure()).rejects.toBeInstanceOf(SetupError);
});

test("two that compile at once both get the whole program", async () => {
  const paths = await Promise.all([ensure(), ensure()]);
  expect(new Set(paths).size).toBe(1);
  expect(await Bun.$`${paths[0] ?? ""}`.text()).toBe("built\n");
});
