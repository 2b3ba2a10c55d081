import { expect, test } from "bun:test";
import { openTerminal, wantsColor } from "./terminal.ts";

const tty = { isTTY: true, write: () => true };
const pipe = { write: () => true };

test("colours go to terminals only, and to none where NO_COLOR is set", () => {
  expect(wantsColor(tty, {})).toBe(true);
  expect(wantsColor(tty, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColor(tty, { NO_COLOR: "" })).toBe(true);
  expect(wantsColor(tty, { TERM: "dumb" })).toBe(false);
  expect(wantsColor(pipe, {})).toBe(false);
  expect(wantsColor(pipe, { FORCE_COLOR: "1" })).toBe(true);
});

test("with --json, standard output has JSON lines alone and people read standard error", () => {
  let out = "";
  let err = "";
  const stdout = { isTTY: true, write: (text: string) => (out += text) };
  const stderr = { isTTY: true, write: (text: string) => (err += text) };
  using terminal = openTerminal({ stdout, stderr, env: {}, json: true });
  terminal.screen.print(["hello"]);
  terminal.json?.({ result: "idle" });
  expect(terminal.isLive).toBe(false);
  expect(out).toBe('{"result":"idle"}\n');
  expect(err).toBe("hello\n");
});
