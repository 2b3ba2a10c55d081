import type { TaskRecord } from "../domain/store.ts";
import { quietMarkdown, quietTitle } from "./quiet-markdown.ts";

/** Forges have a limit of their own; most of the characters may take several when they are made harmless. */
const SUMMARY_MAX_LENGTH = 10_000;
const PROMPT_MAX_LENGTH = 2000;

/**
 * What a pull request says. Our own lines and what was asked for come first, so that nothing of the agent's can pass for
 * them.
 */
export function pullRequestText(
  task: Pick<TaskRecord, "id" | "model" | "prompt" | "summary" | "title" | "branch">,
): {
  title: string;
  body: string;
} {
  const quoted = quietMarkdown(shortened(task.prompt, PROMPT_MAX_LENGTH)).replace(/^/gm, "> ");
  const summary = quietMarkdown(shortened(task.summary ?? "", SUMMARY_MAX_LENGTH));
  const ours = `Asked of Farhand (task \`${task.id}\`, ${task.model}):\n\n${quoted}`;
  const body =
    summary.trim() === "" ? ours : `${ours}\n\n---\n\n_The rest is the agent's own summary._\n\n${summary}`;
  const title = quietTitle(task.title ?? "");
  return { title: title === "" ? task.branch : title, body: `${body}\n` };
}

const shortened = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length)}…` : text;
