import { expect, test } from "bun:test";
import { runStep } from "./steps.ts";
import { openTerminal } from "./terminal.ts";

function open(json: boolean) {
  const written = { out: "", err: "" };
  const stdout = { write: (text: string) => (written.out += text) };
  const stderr = { write: (text: string) => (written.err += text) };
  return { terminal: openTerminal({ stdout, stderr, env: {}, json }), written };
}

test("a step tells its name, what it says meanwhile, and what it came to", async () => {
  const { terminal, written } = open(false);
  const value = await runStep(terminal, "Image", async (log) => {
    log("pulling \u001b[2Jlayers");
    return { value: 5, detail: "built" };
  });
  expect(value).toBe(5);
  expect(written.out).toBe("  · Image: pulling layers\n  ✓ Image  built\n");
});

test("a step that throws is marked, and its error goes on to the caller", async () => {
  const { terminal, written } = open(true);
  const failing = runStep(terminal, "Image", () => Promise.reject(new Error("no disk")));
  await expect(failing).rejects.toThrow("no disk");
  expect(JSON.parse(written.out)).toMatchObject({ type: "step", name: "Image", status: "failed" });
  expect(written.err).toBe("  ✗ Image\n");
});
