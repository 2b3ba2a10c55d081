import type { Colors } from "picocolors/types";
import { emphasis } from "./emphasis.ts";
import { exactLine, exactText } from "./exact-text.ts";
import { formatDuration, plural } from "./format.ts";
import { safeText } from "./safe-text.ts";
import type { Passage } from "./transcript.ts";
import { truncate, widthOf, wrapLine } from "./wrap.ts";

export interface PageOptions {
  colors: Colors;
  /** Columns of the terminal. */
  width: number;
  /** Show a tool when it starts, for where nothing can be drawn over later. */
  announceTools: boolean;
}

/** Left margin of everything on the page. */
export const MARGIN = "  ";
const GUTTER = `${MARGIN}│ `;
const MOST_COLUMNS = 100;
const MOST_OUTPUT_LINES = 12;

/** Tools whose output is the repository's own text: how much was read says enough. */
const READING_TOOLS = new Set(["read", "glob", "grep"]);

type Kind = "start" | "header" | "prose" | "user" | "tool" | "question" | "note" | "notice";

/**
 * Lays passages out as lines. Lines that it gives are final; prose that has not filled its line yet waits in
 * `unfinished()`.
 */
export class Page {
  readonly #options: PageOptions;
  #last: Kind = "start";
  #prose: { kind: "text" | "thinking"; line: string } | null = null;
  /** Within a fenced block of code, where nothing is emphasis. */
  #inCode = false;
  /** The tool whose heading is the last thing on the page. */
  #openTool: string | null = null;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** For when the terminal changes its size; what is on the page stays. */
  resize(width: number): void {
    this.#options.width = width;
  }

  get #columns(): number {
    return Math.max(20, Math.min(this.#options.width, MOST_COLUMNS) - MARGIN.length);
  }

  add(passage: Passage): string[] {
    if (passage.type === "prose") return this.#addProse(passage.kind, passage.text);
    const ended = this.#endProse();
    if (passage.type === "prose-end") return ended;
    return [...ended, ...this.#addWhole(passage)];
  }

  /** The line of prose that may still grow, if there is one; never wider than the page. */
  unfinished(): string | null {
    return this.#prose && this.#prose.line.trim() !== ""
      ? this.#style(this.#prose.line, this.#prose.kind)
      : null;
  }

  #addWhole(passage: Exclude<Passage, { type: "prose" | "prose-end" }>): string[] {
    const { colors } = this.#options;
    switch (passage.type) {
      case "header":
        return this.#block("header", this.#header(passage));
      case "user":
        return this.#block(
          "user",
          this.#wrapped(passage.text, (line) => colors.bold(line), `${colors.cyan("›")} `),
        );
      case "question":
        return this.#block(
          "question",
          this.#wrapped(passage.text, (line) => colors.bold(line), `${colors.yellow("?")} `),
          true,
        );
      case "note":
        return this.#block("note", this.#wrapped(passage.text, colors.dim, colors.dim("· ")));
      case "notice": {
        const color = passage.level === "warning" ? colors.yellow : colors.dim;
        return this.#block("notice", this.#wrapped(passage.text, color, color("! ")));
      }
      case "tool-started": {
        if (!this.#options.announceTools) return [];
        const lines = this.#block("tool", [this.#toolHeading(passage, colors.cyan("●"))], true);
        this.#openTool = passage.toolUseId;
        return lines;
      }
      case "tool-finished":
        return this.#toolFinished(passage);
    }
  }

  /** Sets a blank line between blocks, but none within a run of notes. */
  #block(kind: Kind, lines: string[], alwaysApart = false): string[] {
    const quiet = kind === "note" || kind === "notice";
    const lastQuiet = this.#last === "note" || this.#last === "notice";
    const isApart = this.#last !== "start" && (alwaysApart || kind !== this.#last) && !(quiet && lastQuiet);
    this.#last = kind;
    this.#openTool = null;
    return isApart ? ["", ...lines] : lines;
  }

  #header(header: Extract<Passage, { type: "header" }>): string[] {
    const { colors } = this.#options;
    const fact = (name: string, value: string) =>
      `${MARGIN}${colors.dim(name.padEnd(12))}${exactLine(value)}`;
    return [
      ...this.#wrapped(header.prompt, (line) => colors.bold(line), `${colors.cyan("›")} `),
      "",
      fact("task", header.taskId),
      fact("repository", header.repository),
      fact("branch", header.branch),
      fact("model", header.model),
      ...(header.forkedFrom === null ? [] : [fact("forked from", forkPoint(header.forkedFrom))]),
    ];
  }

  #addProse(kind: "text" | "thinking", text: string): string[] {
    const lines: string[] = [];
    if (this.#prose && this.#prose.kind !== kind) lines.push(...this.#endProse());
    if (!this.#prose) {
      const first = text.replace(/^\s*\n/, "");
      if (first.trim() === "") return lines;
      // Without colours, nothing else would tell thinking from speaking.
      const isMarked = kind === "thinking" && !this.#options.colors.isColorSupported;
      this.#prose = { kind, line: isMarked ? "(thinking) " : "" };
      this.#inCode = false;
      lines.push(...this.#block("prose", [], true));
    }
    const [head = "", ...more] = safeText(text).split("\n");
    this.#prose.line += head;
    for (const next of more) {
      lines.push(...this.#proseLine(this.#prose.line, kind));
      this.#prose.line = next;
    }
    // What is certain to stay goes out now; spaces at the end may separate the next piece.
    const { line } = this.#prose;
    const parts = wrapLine(line.trimEnd(), this.#columns);
    this.#prose.line = (parts.pop() ?? "") + line.slice(line.trimEnd().length);
    lines.push(...parts.map((part) => this.#style(part, kind)));
    return lines;
  }

  #endProse(): string[] {
    if (!this.#prose) return [];
    const { kind, line } = this.#prose;
    this.#prose = null;
    return line.trim() === "" ? [] : this.#proseLine(line, kind);
  }

  #proseLine(line: string, kind: "text" | "thinking"): string[] {
    const isFence = line.trimStart().startsWith("```");
    if (isFence) this.#inCode = !this.#inCode;
    return wrapLine(line.trimEnd(), this.#columns).map((part) => this.#style(part, kind, isFence));
  }

  #style(line: string, kind: "text" | "thinking", isFence = false): string {
    const { colors } = this.#options;
    if (kind === "thinking" || isFence) return `${MARGIN}${colors.dim(line)}`.trimEnd();
    if (this.#inCode) return `${MARGIN}${colors.cyan(line)}`.trimEnd();
    return `${MARGIN}${emphasis(line, colors)}`.trimEnd();
  }

  /** @param reserved columns to leave free behind it */
  #toolHeading(tool: { name: string; label: string }, mark: string, reserved = 0): string {
    const { colors } = this.#options;
    const name = exactLine(tool.name);
    const label = truncate(exactLine(tool.label), this.#columns - widthOf(name) - 4 - reserved);
    return `${MARGIN}${mark} ${colors.bold(name)}${label === "" ? "" : `  ${label}`}`;
  }

  #toolFinished(tool: Extract<Passage, { type: "tool-finished" }>): string[] {
    const { colors } = this.#options;
    const isAnnounced = this.#openTool === tool.toolUseId;
    const color = tool.isError ? colors.red : colors.green;
    const mark = color(tool.isError ? "✗" : "✓");
    const output = safeText(tool.output).trimEnd();
    const all = output === "" ? [] : output.split("\n");
    const isSummed = READING_TOOLS.has(tool.name) && !tool.isError;
    const amount = isSummed && all.length > 0 ? `${plural(all.length, "line")}, ` : "";
    const end = `${mark} ${colors.dim(`${amount}${formatDuration(tool.durationMs)}`)}`;
    const shown = isSummed ? [] : tail(all);
    if (shown.length === 0) {
      return isAnnounced
        ? this.#inTool([`${MARGIN}${colors.dim("╰")} ${end}`])
        : this.#block("tool", [`${this.#toolHeading(tool, color("●"), widthOf(end) + 2)}  ${end}`]);
    }
    const body = [
      ...shown.map((line) =>
        `${colors.dim(GUTTER)}${colors.dim(truncate(line, this.#columns - 2))}`.trimEnd(),
      ),
      `${MARGIN}${colors.dim("╰")} ${end}`,
    ];
    return isAnnounced
      ? this.#inTool(body)
      : this.#block("tool", [this.#toolHeading(tool, color("●")), ...body], true);
  }

  #inTool(lines: string[]): string[] {
    this.#openTool = null;
    return lines;
  }

  #wrapped(text: string, style: (line: string) => string, bullet: string): string[] {
    const lines = exactText(text)
      .trimEnd()
      .split("\n")
      .flatMap((line) => wrapLine(line.trimEnd(), this.#columns - 2));
    return lines.map((line, index) => `${MARGIN}${index === 0 ? bullet : "  "}${style(line)}`.trimEnd());
  }
}

const forkPoint = ({ taskId, turn }: { taskId: string; turn: number }) =>
  turn === 0 ? `the start of ${taskId}` : `turn ${turn} of ${taskId}`;

/** The last lines, with a count of those before them. */
function tail(lines: string[]): string[] {
  if (lines.length <= MOST_OUTPUT_LINES) return lines;
  const hidden = lines.length - MOST_OUTPUT_LINES + 1;
  return [`… ${hidden} more lines`, ...lines.slice(hidden)];
}
