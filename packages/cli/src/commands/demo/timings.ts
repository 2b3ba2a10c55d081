import type { FollowItem } from "@farhand/client";

/** Milliseconds from the task's creation to each first, by the coordinator's clock; what never came is left out. */
export type Timings = Partial<Record<Milestone, number>>;

type Milestone =
  | "repositoryReady"
  | "workerReady"
  | "cloned"
  | "firstToken"
  | "firstToolCall"
  | "branchPublished"
  | "pullRequestOpened"
  | "total";

const MILESTONES: Partial<Record<string, Milestone>> = {
  "repository.ready": "repositoryReady",
  "worker.ready": "workerReady",
  "repository.cloned": "cloned",
  "tool.started": "firstToolCall",
  "branch.published": "branchPublished",
  "pull_request.opened": "pullRequestOpened",
};

export class TimingsRecorder {
  readonly timings: Timings = {};
  #createdAtMs: number | null = null;

  /** @param nowMs this machine's clock, for what carries no time of its own */
  note(item: FollowItem, nowMs: number): void {
    if (item.type === "delta") this.#set("firstToken", nowMs);
    if (item.type !== "event") return;
    const { body, at } = item.event;
    const atMs = Date.parse(at);
    if (body.type === "task.created") this.#createdAtMs = atMs;
    const milestone = MILESTONES[body.type];
    if (milestone) this.#set(milestone, atMs);
    if (body.type === "state.changed" && body.to === "idle") this.#set("total", atMs);
  }

  #set(milestone: Milestone, atMs: number): void {
    if (this.#createdAtMs === null) return;
    this.timings[milestone] ??= Math.max(0, Math.round(atMs - this.#createdAtMs));
  }
}
