import type { Task } from "@farhand/protocol";
import { repositoryName } from "../../format/repository.ts";
import { type Filter, type Group, groupOf, titleOf } from "./standing.ts";

const ORDER: readonly Group[] = ["needsYou", "working", "done", "archived"];

export interface Section {
  group: Group;
  tasks: Task[];
}

/**
 * The list as it is shown: by group, and in each the one that changed last first. Archived ones only when asked for, and with
 * them those that are on their way into the archive.
 */
export function arrange(
  tasks: readonly Task[],
  { search, filter }: { search: string; filter: Filter },
  leaving: ReadonlySet<string> = new Set(),
): Section[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<Group, Task[]>(ORDER.map((group) => [group, []]));
  for (const task of tasks) {
    const group = leaving.has(task.id) ? "archived" : groupOf(task);
    const isShown = filter === "all" ? group !== "archived" || words.length > 0 : group === filter;
    if (isShown && fits(task, words)) found.get(group)?.push(task);
  }
  return ORDER.flatMap((group) => {
    const members = found.get(group) ?? [];
    // Timestamps of one form sort as text.
    members.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
    return members.length > 0 ? [{ group, tasks: members }] : [];
  });
}

function fits(task: Task, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [
    titleOf(task),
    task.prompt,
    task.repository,
    repositoryName(task.repository),
    task.branch,
    task.id,
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Repositories that were used before, the last used first. */
export function recentRepositories(tasks: readonly Task[]): string[] {
  const sorted = [...tasks].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return [...new Set(sorted.map(({ repository }) => repository))];
}
