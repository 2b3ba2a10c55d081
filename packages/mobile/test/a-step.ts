import type { ToolStep } from "@farhand/client/app";

/** A command that went well, with what is given in its place. */
export const aStep = (id: string, given: Partial<ToolStep> = {}): ToolStep => ({
  kind: "tool",
  id,
  toolUseId: id,
  name: "bash",
  label: "bun test",
  input: {},
  command: "bun test",
  path: null,
  changesFile: false,
  status: "done",
  exitCode: 0,
  startedAt: null,
  durationMs: 1200,
  output: "ok",
  imageCount: 0,
  isTruncated: false,
  kept: null,
  ...given,
});
