import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimulatorsReady } from "./main.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulators-main-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(...args: string[]): Bun.Subprocess<"pipe", "pipe", "pipe"> {
  return Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), ...args], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function ready(child: Bun.Subprocess<"pipe", "pipe", "pipe">): Promise<SimulatorsReady> {
  let text = "";
  const reader = child.stdout.getReader();
  while (!text.includes("\n")) {
    const chunk = await reader.read();
    if (chunk.done) throw new Error(await new Response(child.stderr).text());
    text += new TextDecoder().decode(chunk.value);
  }
  reader.releaseLock();
  return JSON.parse(text) as SimulatorsReady;
}

describe("the simulators as a program", () => {
  test("say where they are, serve, and leave nothing when they are told to stop", async () => {
    const child = start("--directory", folder, "--speed", "0");
    const told = await ready(child);
    const models = await fetch(`${told.claudeUrl}/v1/models`, {
      headers: { "x-api-key": told.claudeKey, "anthropic-version": "2023-06-01" },
    });
    expect(models.status).toBe(200);
    const user = await fetch(`${told.githubApiUrl}/user`, {
      headers: { authorization: `Bearer ${told.githubToken}` },
    });
    expect(user.status).toBe(200);
    const refs = await fetch(`${told.repositoryUrl}/info/refs?service=git-upload-pack`, {
      headers: { authorization: `Basic ${btoa(`x-access-token:${told.githubToken}`)}` },
    });
    expect(await refs.text()).toContain("refs/heads/main");
    expect(told.repositoryUrl).toStartWith(told.githubUrl);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  test("end with whoever started them, and have other keys each time", async () => {
    const children = [start("--directory", folder), start("--directory", folder)];
    const keys = await Promise.all(children.map(async (child) => (await ready(child)).claudeKey));
    expect(new Set(keys).size).toBe(2);
    for (const child of children) {
      await child.stdin.end();
      expect(await child.exited).toBe(0);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    [[], "--directory"],
    [["--directory", "FOLDER", "--scenario", "no-such"], "there is no scenario no-such"],
    [["--directory", "FOLDER", "--speed", "fast"], "--speed takes a number"],
    [["--unknown"], "--unknown"],
  ])("refuse %j with a sentence", async (args, sentence) => {
    const child = start(...args.map((arg) => (arg === "FOLDER" ? folder : arg)));
    expect(await child.exited).toBe(1);
    expect(await new Response(child.stderr).text()).toContain(sentence);
    expect(await readdir(folder)).toEqual([]);
  });
});
