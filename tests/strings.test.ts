import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { en } from "../packages/mobile/src/strings/en.ts";

const src = join(import.meta.dir, "../packages/mobile/src");

/** The place of every sentence of the catalogue, such as `tasks.filter.all`. A list is one place. */
function leaves(group: object, path: readonly string[] = []): string[] {
  return Object.entries(group).flatMap(([name, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? leaves(value, [...path, name])
      : [[...path, name].join(".")],
  );
}

/**
 * What a source takes from the catalogue: places of sentences, or of groups of which it may take any. It may give names to
 * groups: `const { newTask: words } = strings`.
 */
function takenBy(source: string): string[] {
  const names = new Map([["strings", ""]]);
  const within = (name: string, path: string) => [names.get(name), path].filter(Boolean).join(".");
  for (const [, parts, from, path = ""] of source.matchAll(/const \{([^}]+)\} = (\w+)((?:\.\w+)*);/g)) {
    if (!names.has(from as string)) continue;
    for (const part of (parts as string).split(",")) {
      const [group, name = group] = part.split(":").map((it) => it.trim());
      if (group && name)
        names.set(name, within(from as string, [path.slice(1), group].filter(Boolean).join(".")));
    }
  }
  for (const [, name, from, path] of source.matchAll(/const (\w+) = (\w+)((?:\.\w+)+);/g))
    if (names.has(from as string))
      names.set(name as string, within(from as string, (path as string).slice(1)));
  // Giving a group a name takes nothing from it yet.
  const rest = source.replaceAll(/const (?:\{[^}]+\}|\w+) = \w+(?:\.\w+)*;/g, "");
  const taken: string[] = [];
  for (const name of names.keys())
    for (const [, path = "", key] of rest.matchAll(
      new RegExp(`(?<![.\\w])${name}((?:\\s*\\??\\.\\w+)*)(?:\\[([^\\]]*)\\])?`, "g"),
    )) {
      const place = within(name, path.replace(/[\s?]/g, "").slice(1));
      const quoted = [...(key ?? "").matchAll(/"(\w+)"/g)].map(([, it]) => `${place}.${it}`);
      // The root itself is only where groups get their names.
      if (place !== "" || quoted.length > 0) taken.push(...(quoted.length > 0 ? quoted : [place]));
    }
  return taken;
}

test("what a source takes from the catalogue is found, by whatever name", () => {
  const source = `const { newTask: words, chat } = strings;
    const { stuck } = strings.chat;
    say(words.title.slice(1), words[isWhole ? "badWhole" : "badNumber"], stuck[type], strings.tasks
      .open, chat);`;
  expect(new Set(takenBy(source))).toEqual(
    new Set([
      "newTask.title.slice",
      "newTask.badWhole",
      "newTask.badNumber",
      "chat.stuck",
      "tasks.open",
      "chat",
    ]),
  );
});

test("no sentence of the app is left that nothing shows", async () => {
  const taken = new Set<string>();
  for await (const file of new Glob("**/*.{ts,tsx}").scan(src))
    if (!file.startsWith("strings/") && !file.includes(".test."))
      for (const place of takenBy(await Bun.file(join(src, file)).text())) taken.add(place);
  const all = leaves(en);
  const isTaken = (leaf: string) =>
    [...taken].some((place) => `${leaf}.`.startsWith(`${place}.`) || place.startsWith(`${leaf}.`));
  expect(all.length).toBeGreaterThan(400);
  expect(all.filter((leaf) => !isTaken(leaf))).toEqual([]);
});
