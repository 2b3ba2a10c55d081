import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FileSearch, SEARCH_MAX_LINES, SEARCH_MAX_LINES_OF_A_FILE } from "@farhand/protocol";
import { Git } from "./git.ts";
import {
  type Fixture,
  failureOf,
  git,
  type MadeFile,
  never,
  openFixture,
  processesNaming,
  taskId,
} from "./repositories.fixture.ts";
import { SEARCH_BOUNDS, searchFiles } from "./search-files.ts";

let fixture: Fixture;
const id = taskId(1);

beforeEach(async () => {
  fixture = await openFixture();
  await fixture.prepareWithWork(1);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const latin1 = (text: string) => Buffer.from(text, "latin1");
const make = (...files: MadeFile[]) => fixture.make(1, files);
const search = async (commit: string, text: string) =>
  FileSearch.parse(await fixture.repositories.search(id, commit, text, never));
/** Each line as `path:line:text`, with the places in brackets. */
const told = ({ files }: FileSearch) =>
  files.flatMap(({ path, lines }) =>
    lines.map(({ line, text, places }) => {
      const marked = places.reduceRight(
        (it, { start, end }) => `${it.slice(0, start)}[${it.slice(start, end)}]${it.slice(end)}`,
        text,
      );
      return `${path}:${line}:${marked}`;
    }),
  );

describe("a search", () => {
  test("gives all places of a text, with their lines and files", async () => {
    const commit = await make(
      { path: "src/a.ts", content: "const cart = Cart.of(cart);\n\nno\nCART\r\nlast cart" },
      { path: "b", content: "nothing\n" },
    );
    const found = await search(commit, "cart");
    expect(found).toMatchObject({ commit, truncated: false });
    expect(told(found)).toEqual([
      "src/a.ts:1:const [cart] = [Cart].of([cart]);",
      "src/a.ts:4:[CART]",
      "src/a.ts:5:last [cart]",
    ]);
    expect(await search(commit, "absent")).toEqual({ commit, files: [], truncated: false });
  });

  test("minds capital letters where the text has one", async () => {
    const commit = await make({ path: "a", content: "cart\nCart\nÄRGER\nÄrger\n" });
    expect(told(await search(commit, "Cart"))).toEqual(["a:2:[Cart]"]);
    expect(told(await search(commit, "Är"))).toEqual(["a:4:[Är]ger"]);
    expect(told(await search(commit, "rger"))).toEqual(["a:3:Ä[RGER]", "a:4:Ä[rger]"]);
    const other = await make({ path: "a", content: "das ist ärger, und ÄRGER\n" });
    expect(told(await search(other, "ärger"))).toEqual(["a:1:das ist [ärger], und ÄRGER"]);
  });

  test.each([
    "-e",
    "--open-files-in-pager=touch x",
    "--",
    "-f/etc/passwd",
    ".*",
    "(a|b)[c]",
    "a\\.b",
    "\\Qx\\E",
    "$HOME `id`",
    "^x$",
    ":(top)",
    "HEAD",
    '"',
    "'",
    "漢字 🎉",
    "tab\tand\rreturn",
    " ",
  ])("takes %j for what it is", async (text) => {
    const commit = await make(
      { path: "a", content: `x${text}y\n` },
      { path: "b", content: "abc-HAED\n" },
      { path: "HEAD", content: "nothing\n" },
    );
    expect(told(await search(commit, text))).toEqual([`a:1:x[${text}]y`]);
  });

  test("names files by paths that lead to them, whatever they are called", async () => {
    const names = ["with space", "new\nline", "tab\t", 'quote"', "100%", "a:1:b", "-n", "ünï", ":(top)", "*"];
    const odd = [...names.map((name) => Buffer.from(name)), latin1("caf\xe9"), latin1("\xff\xfe")];
    const commit = await make(
      ...odd.map((name) => ({
        path: Buffer.concat([latin1("d\xe9p/"), name]),
        content: "needle\n",
      })),
    );
    const { files } = await search(commit, "needle");
    expect(files.length).toBe(odd.length);
    const paths = files.map(({ path }) => path);
    expect(paths).toContain("d%E9p/caf%E9");
    expect(paths).toContain("d%E9p/100%25");
    expect(paths).toContain("d%E9p/new\nline");
    for (const path of paths)
      expect(await fixture.repositories.node(id, commit, path)).toMatchObject({ text: "needle\n", path });
  });

  test("leaves out binary files, links and submodules", async () => {
    const commit = await make(
      { path: "binary", content: "needle\0\n" },
      { path: "late", content: `${"x\n".repeat(5000)}\0 needle\n` },
      { path: "link", content: "needle", mode: "120000" },
      { path: "needle", content: "1".repeat(40), mode: "160000" },
    );
    expect(told(await search(commit, "needle"))).toEqual(["late:5001:\0 [needle]"]);
  });

  test("is of the commit that is named", async () => {
    const before = await make({ path: "a", content: "old needle\n" });
    const after = await make({ path: "a", content: "new needle\n" });
    expect(told(await search(before, "needle"))).toEqual(["a:1:old [needle]"]);
    expect(told(await search(after, "needle"))).toEqual(["a:1:new [needle]"]);
    expect((await failureOf(search("1".repeat(40), "x"))).code).toBe("not_found");
    await expect(search("HEAD", "x")).rejects.toThrow();
  });

  test("runs nothing that a repository names", async () => {
    const mark = `${fixture.folder}/mark`;
    const commit = await make(
      { path: ".gitattributes", content: "* diff=evil filter=evil\n" },
      { path: "a", content: "needle\n" },
    );
    await git(fixture.repositories.taskPath(id), "config", "diff.evil.textconv", `touch ${mark}; cat`);
    expect(told(await search(commit, "needle"))).toEqual(["a:1:[needle]"]);
    expect(await Bun.file(mark).exists()).toBe(false);
  });
});

describe("a long line", () => {
  const around = async (before: string, after: string, text = "needle") => {
    const commit = await make({ path: "a", content: `${before}${text}${after}\n` });
    const line = (await search(commit, text)).files[0]?.lines[0];
    if (!line) throw new Error("nothing was found");
    const [place] = line.places;
    expect(line.text.slice(place?.start, place?.end)).toBe(text);
    expect(line.text).not.toContain("\ufffd");
    return line;
  };

  test("is shown around the place, however long it is", async () => {
    const line = await around("x".repeat(3_000_000), "y".repeat(3_000_000));
    expect(line).toMatchObject({ isCutBefore: true, isCutAfter: true });
    expect(line.text.length).toBeLessThanOrEqual(400);
    expect(await around("", "y".repeat(1000))).toMatchObject({ isCutBefore: false, isCutAfter: true });
    expect(await around("x".repeat(1000), "")).toMatchObject({ isCutBefore: true, isCutAfter: false });
    expect(await around("x".repeat(100), "y".repeat(100))).toMatchObject({
      isCutBefore: false,
      isCutAfter: false,
    });
  });

  test("is cut between characters", async () => {
    for (const shift of ["", "x", "xx", "xxx"])
      for (const character of ["é", "漢", "🎉"])
        await around(shift + character.repeat(500), character.repeat(500));
  });

  test("has the whole place, however long that is", async () => {
    const text = "漢".repeat(200);
    await around("x".repeat(5000), "y".repeat(5000), text);
    await around("", "", text);
  });

  test("that is not UTF-8 has its places all the same", async () => {
    const commit = await make({ path: "a", content: latin1("caf\xe9 \xff needle \xe9 needle\n") });
    expect(told(await search(commit, "needle"))).toEqual(["a:1:caf\ufffd \ufffd [needle] \ufffd [needle]"]);
  });
});

describe("a bound", () => {
  test("is on the lines of one file, which says that it has more", async () => {
    const commit = await make(
      { path: "a", content: "needle\n".repeat(SEARCH_MAX_LINES_OF_A_FILE) },
      { path: "b", content: "needle\n".repeat(SEARCH_MAX_LINES_OF_A_FILE + 1) },
      { path: "c", content: "needle\n" },
    );
    const found = await search(commit, "needle");
    expect(found.truncated).toBe(false);
    expect(found.files.map(({ path, lines, truncated }) => [path, lines.length, truncated])).toEqual([
      ["a", SEARCH_MAX_LINES_OF_A_FILE, false],
      ["b", SEARCH_MAX_LINES_OF_A_FILE, true],
      ["c", 1, false],
    ]);
  });

  test("is on the lines in all", async () => {
    const files = (n: number) =>
      Array.from({ length: n }, (_, at) => ({
        path: `f${String(at).padStart(4, "0")}`,
        content: "needle\n",
      }));
    const exact = await search(await make(...files(SEARCH_MAX_LINES)), "needle");
    expect([exact.files.length, exact.truncated]).toEqual([SEARCH_MAX_LINES, false]);
    const more = await search(await make(...files(SEARCH_MAX_LINES + 1)), "needle");
    expect([more.files.length, more.truncated]).toEqual([SEARCH_MAX_LINES, true]);
    expect(await processesNaming(fixture.repositories.taskPath(id))).toEqual([]);
  });

  const searchWithin = (
    commit: string,
    text: string,
    bounds: Partial<typeof SEARCH_BOUNDS>,
    git = new Git({ stallSeconds: 1 }),
  ) =>
    searchFiles(git, fixture.repositories.taskPath(id), commit, text, never, { ...SEARCH_BOUNDS, ...bounds });

  /** Ten to the tenth files, in a dozen objects. */
  async function bomb(): Promise<string> {
    const script = `object=$(echo x | git hash-object -w --stdin); mode='100644 blob'
for level in $(seq 10); do object=$(for n in $(seq 0 9); do printf '%s %s\\t%s\\n' "$mode" "$object" "$n"; done | git mktree); mode='040000 tree'; done
git -c user.name=a -c user.email=a@example.org commit-tree -m bomb "$object"`;
    return (await Bun.$`sh -c ${script}`.cwd(fixture.repositories.taskPath(id)).text()).trim();
  }

  test("is on what git may write", async () => {
    const commit = await make(
      { path: "a", content: "needle\n" },
      { path: "b", content: `${"x".repeat(1024 * 1024)}needle\n` },
    );
    const found = await searchWithin(commit, "needle", { maxOutputBytes: 200_000 });
    expect([told(found), found.truncated]).toEqual([["a:1:[needle]"], true]);
  });

  test("is on the time, also where ten billion files are a dozen objects", async () => {
    const commit = await bomb();
    const absent = await searchWithin(commit, "absent", { timeLimitMs: 300 });
    expect(absent).toEqual({ commit, files: [], truncated: true });
    const everywhere = await search(commit, "x");
    expect([everywhere.files.length, everywhere.truncated]).toEqual([SEARCH_MAX_LINES, true]);
    expect(await processesNaming(fixture.repositories.taskPath(id))).toEqual([]);
  });

  test("is one search of a task at a time", async () => {
    const commit = await bomb();
    const ended: string[] = [];
    const abort = new AbortController();
    const first = fixture.repositories
      .search(id, commit, "absent", abort.signal)
      .catch(() => ended.push("first"));
    const second = search(commit, "x").then(() => ended.push("second"));
    // As much work as the second, and begun after it.
    await searchWithin(commit, "x", {});
    expect(ended).toEqual([]);
    abort.abort();
    await Promise.all([first, second]);
    expect(ended).toEqual(["first", "second"]);
  });

  test("is on the memory, and what was found before it is given", async () => {
    const commit = await make(
      { path: "a", content: "needle\n" },
      { path: "b", content: Buffer.alloc(96 * 1024 * 1024, "needle\n") },
      { path: "c", content: "needle\n" },
    );
    const small = new Git({ stallSeconds: 1, maxMemoryBytes: 64 * 1024 ** 2 });
    const found = await searchWithin(commit, "needle", {}, small);
    expect(found.truncated).toBe(true);
    expect(told(found)).not.toContain("b:1:[needle]");
  });

  test("is the reader who has gone", async () => {
    const commit = await make({ path: "a", content: "needle\n" });
    const abort = new AbortController();
    const going = fixture.repositories.search(id, commit, "needle", abort.signal);
    abort.abort(new Error("the client went away"));
    await expect(going).rejects.toThrow("the client went away");
    expect(await processesNaming(fixture.repositories.taskPath(id))).toEqual([]);
    expect(told(await search(commit, "needle"))).toEqual(["a:1:[needle]"]);
  });
});
