import type { FollowItem } from "@farhand/client";
import { diffLines } from "./diff.ts";
import { MARGIN, Page } from "./page.ts";
import { statusLines } from "./status-line.ts";
import { summaryBox } from "./summary-box.ts";
import type { Terminal } from "./terminal.ts";
import { EMPTY_TRANSCRIPT, readItem, type Transcript } from "./transcript.ts";

const MOST_DIFF_LINES = 120;

/** Shows one task while it goes on: to people as a page, to programs (`--json`) as one line for each item. */
export class TaskView implements Disposable {
  readonly #terminal: Terminal;
  readonly #page: Page;
  readonly #hint: string;
  readonly #startedAtMs = Date.now();
  #transcript: Transcript;
  #question: string | null = null;

  /**
   * @param hint what the user can do meanwhile, such as `Ctrl-C stops`
   * @param known what is known of the task before the first item
   */
  constructor(terminal: Terminal, hint: string, known: Partial<Transcript> = {}) {
    this.#transcript = { ...EMPTY_TRANSCRIPT, ...known };
    this.#terminal = terminal;
    this.#hint = hint;
    const { colors, screen, isLive } = terminal;
    this.#page = new Page({ colors, width: screen.width, announceTools: !isLive });
    screen.setLive(() => this.#live());
  }

  get transcript(): Transcript {
    return this.#transcript;
  }

  show(item: FollowItem): void {
    const { transcript, passages } = readItem(this.#transcript, item);
    this.#transcript = transcript;
    const { json, screen } = this.#terminal;
    if (json) {
      if (item.type !== "connection") json(item);
      return;
    }
    this.#page.resize(screen.width);
    const lines = passages.flatMap((passage) => this.#page.add(passage));
    if (lines.length > 0) screen.print(lines);
  }

  /** A question in place of the status, until it is set to null. */
  ask(question: string | null): void {
    this.#question = question;
  }

  warn(text: string): void {
    const { json, screen } = this.#terminal;
    const lines = this.#page.add({ type: "notice", level: "warning", text });
    if (!json) screen.print(lines);
  }

  /** For people: the diff, if there is one, and what came of the turn. */
  conclude(diff: { text: string; truncated: boolean } | null): void {
    const { json, screen, colors } = this.#terminal;
    screen.setLive(null);
    if (json) return;
    const { width } = screen;
    const lines = this.#page.add({ type: "prose-end" });
    if (diff && diff.text !== "")
      lines.push("", ...diffLines(diff, { colors, width, maxLines: MOST_DIFF_LINES }));
    lines.push("", ...summaryBox(this.#transcript, { colors, width }), "");
    screen.print(lines);
  }

  [Symbol.dispose](): void {
    this.#terminal.screen.setLive(null);
  }

  #live(): string[] {
    const { colors, screen } = this.#terminal;
    const unfinished = this.#page.unfinished();
    const below = this.#question
      ? ["", `${MARGIN}${colors.yellow("?")} ${this.#question}`]
      : statusLines(this.#transcript, {
          colors,
          width: screen.width,
          nowMs: Date.now(),
          startedAtMs: this.#startedAtMs,
          hint: this.#hint,
        });
    return unfinished === null ? below : [unfinished, ...below];
  }
}
