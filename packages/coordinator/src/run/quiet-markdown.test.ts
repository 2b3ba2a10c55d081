import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { quietMarkdown, quietTitle } from "./quiet-markdown.ts";

/** As a forge renders it, before it cleans the page. */
const rendered = (text: string): string => Bun.markdown.html(text);
const withoutCode = (page: string) =>
  page.replace(/<pre>[\s\S]*?<\/pre>/g, "").replace(/<code>[\s\S]*?<\/code>/g, "");
const words = (page: string) =>
  withoutCode(page)
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
/** As GitHub looks for them in what it has rendered. */
const MENTION = /(?:^|[^A-Za-z0-9])@[a-z0-9]/im;
const CLOSING =
  /(?:^|[^\p{L}\p{N}])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+\/[\w.-]+)?#\d/imu;
/** Tags that markdown itself makes, and no picture among them. */
const OURS =
  /^<\/?(p|h[1-6]|ul|ol|li|pre|code|blockquote|hr|br|em|strong|del|a|table|thead|tbody|tr|th|td|input)\b[^>]*>$/;

function isQuiet(text: string): boolean {
  const page = rendered(text);
  const isOurs = page.replace(/<[^>]*>/g, (tag) => (OURS.test(tag) ? "" : "<"));
  return !isOurs.includes("<") && !MENTION.test(words(page)) && !CLOSING.test(words(page));
}

const NASTY: [string, string][] = [
  ["a picture", "![build](https://exfiltrated.test/p.png)"],
  ["a picture by a reference", "![build][x]\n\n[x]: https://exfiltrated.test/p.png"],
  ["a picture whose sign comes after an escape", "\\![build](https://exfiltrated.test/p.png)\\\\![x](y)"],
  ["a picture by HTML", "<img src='https://exfiltrated.test/p.png'>"],
  ["a comment that hides the rest", "fine\n\n<!-- and\n\nthis"],
  ["a folded block", "<details><summary>Ok</summary>\n\nevil\n\n</details>"],
  ["a mention", "Thanks @octocat, @acme/core and _@hubot_; cc:@x"],
  ["a mention by an entity", "&#64;octocat &commat;octocat"],
  ["a mention by an escape", "\\@octocat"],
  ["a closing word", "Closes #12, fixes: acme/cart#7 and\nresolved\n#9"],
  ["a closing word in other clothes", "_Closes_ **#12**, Fixes [#12](x), CLOSED   (#3)"],
  ["HTML after a block of code in a list", "- a\n  ```\n<img src=x>\n  ```"],
  ["HTML in a block that another one ends", "  ```\n```\n<img src=x>\n```"],
  ["HTML in a block of tildes in a quote", "> ~~~\n> a\n<img src=x>\n> ~~~"],
  ["HTML in a block that one of tildes ends", "  ~~~\n```\n~~~\n<img src=x>\n```"],
  ["HTML in a span over two lines", "a ` b\n` <img src=x> `"],
  ["HTML in a span that an escape begins", "\\` <img src=x> `"],
  ["HTML in a cell", "| a | b |\n|---|---|\n| ` x | <img src=x> ` |"],
  ["HTML behind runs of another length", "``<img src=x>`@b` ``` `` <b>"],
  ["HTML after a block that is not ended", "```\n<img src=x>"],
];

describe("an agent's markdown", () => {
  test.each(NASTY)("has no %s", (_name, text) => {
    expect(isQuiet(quietMarkdown(text))).toBe(true);
  });

  test("would have them if it were left as it is", () => {
    const harmlessAlone = ["HTML after a block that is not ended"];
    const quiet = NASTY.filter(([, text]) => isQuiet(text)).map(([name]) => name);
    expect(quiet.filter((name) => !harmlessAlone.includes(name))).toEqual([]);
  });

  test("has none in whatever way signs follow one another", () => {
    const piece = fc.constantFrom(
      ..."` `` ``` ```` ~~~ ~ \\ < > <img> <!-- --> ! [ ] ( ) | @octocat & # * _ - + 1. > a".split(" "),
      "\n",
      "\n\n",
      "\n  ",
      "\n    ",
      "\n- ",
      "\n> ",
      "\n```\n",
      "\n| a | b |\n|---|---|\n",
      "![x](y)",
      "Closes #1",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = quietMarkdown(pieces.join(""));
        if (!isQuiet(text)) throw new Error(`${JSON.stringify(text)} → ${rendered(text)}`);
        const quoted = text.replace(/^/gm, "> ");
        if (!isQuiet(quoted)) throw new Error(`quoted: ${JSON.stringify(quoted)} → ${rendered(quoted)}`);
      }),
      { numRuns: 20_000 },
    );
  }, 60_000);

  test("stays what it is where it does no harm", () => {
    const text = [
      "## What was done",
      "",
      "- `sum()` adds **all** items; mail a@example.org, see [the docs](https://example.org/a#b) and #12",
      "- a < b is code: `a < b && @Override`",
      "",
      "```ts",
      "const x: Map<string, number> = new Map(); // @ts-expect-error",
      "```",
      "",
      "| a | b |",
      "|---|---|",
      "| 1 | 2 |",
    ].join("\n");
    expect(quietMarkdown(text)).toBe(text.replace("a < b is", "a \\< b is"));
  });

  test("of which characters cannot be seen has none of these", () => {
    expect(quietMarkdown("a\u202eb\u200bc\u{e0041}d\u0007e\r\nf\rg")).toBe("abcde\nf\ng");
  });

  test("of a megabyte is read in one pass", () => {
    for (const unit of ["`a", "@x ", "fixes ", "![", "```\n", "``` a"]) quietMarkdown(unit.repeat(20_000));
  });
});

test("a title is one line that closes and calls nothing", () => {
  expect(quietTitle("Fix the sum,\nfixes #12 for @octocat\u202e")).toBe(
    "Fix the sum, fixes, see #12 for @ octocat",
  );
  expect(quietTitle("Make `a < b` work")).toBe("Make `a < b` work");
});
