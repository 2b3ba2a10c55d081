import { SentMessage, Task, type TaskState } from "@farhand/protocol";
import type { Api } from "./api.ts";
import type { Sent } from "./facts.ts";
import { followingPhone, type Phone, readingPhone } from "./phone.ts";
import type { Moment, PlannedTask, Step } from "./plan.ts";
import { type Prng, prng } from "./prng.ts";
import type { System } from "./system.ts";

const REST: readonly TaskState[] = ["idle", "failed", "cancelled", "archived"];
export const isAtRest = (task: Task): boolean => REST.includes(task.state);

/** How long a step waits for its moment before it is done anyway. */
const MOMENT_LIMIT_MS = 25_000;

/** Longer than a sandbox rests. */
const COLD_MS = 1_600;

/** One task of a round, with the people and phones around it. */
export class DrivenTask {
  readonly sent: Sent[] = [];
  readonly phones: Phone[] = [];
  readonly planned: PlannedTask;
  readonly #system: System;
  readonly #random: Prng;
  #id: string | null = null;

  constructor(system: System, planned: PlannedTask, seed: number) {
    this.#system = system;
    this.planned = planned;
    this.#random = prng(seed);
  }

  get id(): string {
    if (this.#id === null) throw new Error("the task was not created");
    return this.#id;
  }

  /** Highest seq that any phone has seen. */
  get lastSeq(): number {
    return Math.max(0, ...this.phones.map((phone) => phone.lastSeq()));
  }

  /** Creates the task, watches it, and does all that the plan has for it. */
  async run(): Promise<void> {
    await Bun.sleep(this.planned.startAfterMs);
    await this.#create();
    for (const step of this.planned.steps) {
      await this.#moment(step.when);
      await this.#act(step);
    }
  }

  async task(): Promise<Task> {
    const { status, body } = await this.#api.read(`/api/tasks/${this.id}`);
    if (status !== 200) throw new Error(`GET of ${this.id} was answered with ${status}`);
    return Task.parse(body);
  }

  /** Says something; it is in `sent` with what came of it. */
  async say(text: string): Promise<Sent> {
    const message: Sent = {
      text,
      outcome: "unanswered",
      messageId: null,
      editedTo: null,
      wasWithdrawn: false,
    };
    this.sent.push(message);
    const { status, body } = await this.#api.change("POST", `/api/tasks/${this.id}/messages`, { text });
    const answer = SentMessage.safeParse(body);
    if (answer.success) message.messageId = answer.data.messageId;
    message.outcome = status < 300 ? "accepted" : "refused";
    return message;
  }

  async command(name: "stop" | "cancel" | "retry" | "archive"): Promise<number> {
    return (await this.#api.change("POST", `/api/tasks/${this.id}/${name}`)).status;
  }

  get #api(): Api {
    return this.#system.api;
  }

  async #create(): Promise<void> {
    const { prompt } = this.planned;
    const command = { repository: this.#system.sample.cloneUrl, prompt };
    const { status, body } = await this.#api.change("POST", "/api/tasks", command);
    if (status !== 201) throw new Error(`a task was refused with ${status}: ${JSON.stringify(body)}`);
    const { id } = Task.parse(body);
    this.#id = id;
    this.sent.push({
      text: prompt,
      outcome: "accepted",
      messageId: null,
      editedTo: null,
      wasWithdrawn: false,
    });
    const { cutter, token } = this.#system;
    const common = { baseUrl: cutter.url, token, api: this.#api, taskId: id };
    const seed = () => prng(this.#random.int(0, 1_000_000));
    this.phones.push(followingPhone({ ...common, name: "the phone", random: seed() }));
    const second = this.#random.chance(0.5) ? readingPhone : followingPhone;
    this.phones.push(second({ ...common, name: "the second phone", random: seed() }));
  }

  async #moment(when: Moment): Promise<void> {
    const giveUpAt = performance.now() + MOMENT_LIMIT_MS;
    while (performance.now() < giveUpAt) {
      if (when.at === "event" && this.lastSeq >= when.seq) return;
      if (isAtRest(await this.task())) break;
      await Bun.sleep(50);
    }
    // Now and then the sandbox has ended by then, so that the next turn begins in another one.
    if (when.at === "rest" && this.#random.chance(0.3)) await Bun.sleep(COLD_MS);
  }

  async #act(step: Step): Promise<void> {
    switch (step.act) {
      case "say":
        await this.say(step.text);
        return;
      case "say_and_withdraw":
      case "say_and_edit":
        await this.#sayAndChange(step.text, step.act === "say_and_edit");
        return;
      default:
        // Refused when the turn is over already, which is as good.
        await this.command(step.act);
    }
  }

  async #sayAndChange(text: string, edits: boolean): Promise<void> {
    const message = await this.say(text);
    if (message.messageId === null) return;
    const path = `/api/tasks/${this.id}/messages/${message.messageId}`;
    const editedTo = `${text} (changed)`;
    const { status } = edits
      ? await this.#api.change("PATCH", path, { text: editedTo })
      : await this.#api.change("DELETE", path);
    if (status >= 300) return;
    if (edits) message.editedTo = editedTo;
    else message.wasWithdrawn = true;
  }
}
