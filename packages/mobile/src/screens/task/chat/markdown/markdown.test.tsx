import { screen, userEvent } from "@testing-library/react-native";
import { renderIn } from "../../../../../test/a-server.tsx";
import { Markdown } from "./markdown.tsx";
import { decoded, parseMarkdown } from "./parse.ts";
import { hiddenHost, safeLink } from "./safe-link.ts";

jest.mock("expo-clipboard", () => ({ setStringAsync: jest.fn(async () => true) }));

const TEXT = `# What I did

Made **all** tests \`pass\` in [the run](https://ci.example.com/runs/1):

1. one
2. two

\`\`\`ts
const a = "b";
\`\`\`

| a | b |
|---|---|
| 1 | 2 |
`;

/** What a reader would see of it: no marks that markdown takes away. */
function seen(tokens: readonly { type: string; raw: string }[]): string {
  return tokens
    .map((token) => {
      const inner = (token as { tokens?: typeof tokens }).tokens;
      const items = (token as { items?: typeof tokens }).items;
      if (token.type === "code" || token.type === "codespan")
        return (token as unknown as { text: string }).text;
      if (items) return seen(items);
      return inner ? seen(inner) : token.type === "text" ? (token as unknown as { text: string }).text : "";
    })
    .join("");
}

test("however much of a text has come, its marks are never seen", () => {
  for (let length = 1; length <= TEXT.indexOf("| a |"); length++) {
    const shown = seen(parseMarkdown(TEXT.slice(0, length), true));
    expect(shown).not.toMatch(/\*\*[a-z]|`|\]\(/);
  }
});

test("while a text streams, blocks that stood before stay as they are", () => {
  let before = parseMarkdown(TEXT.slice(0, 40), true);
  for (let length = 41; length <= TEXT.length; length++) {
    const now = parseMarkdown(TEXT.slice(0, length), true);
    // The last two may still change: a line that follows can make a list or a table of them.
    const settled = before.slice(0, -2).map(({ raw }) => raw);
    expect(now.slice(0, settled.length).map(({ raw }) => raw)).toEqual(settled);
    before = now;
  }
});

test("an open code block is a code block already", () => {
  const [block] = parseMarkdown("```ts\nconst a", true);
  expect(block).toMatchObject({ type: "code", lang: "ts", text: "const a" });
});

test("headings, lists, code and links are drawn as what they are", async () => {
  await renderIn(<Markdown text={TEXT} />);
  expect(screen.getByRole("heading", { name: "What I did" })).toBeOnTheScreen();
  expect(screen.getByRole("link", { name: "the run" })).toBeOnTheScreen();
  expect(screen.getByText("2.")).toBeOnTheScreen();
  expect(screen.getByText("ts")).toBeOnTheScreen();
});

test("code can be copied", async () => {
  await renderIn(<Markdown text={TEXT} />);
  await userEvent.setup().press(screen.getByRole("button", { name: "Copy the code" }));
  const { setStringAsync } = jest.requireMock("expo-clipboard");
  expect(setStringAsync).toHaveBeenCalledWith('const a = "b";');
});

test("only pages and letters are links", () => {
  expect(safeLink("https://example.com/a")).toBe("https://example.com/a");
  expect(safeLink("mailto:a@example.com")).toBe("mailto:a@example.com");
  for (const bad of [
    "javascript:alert(1)",
    " JavaScript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "farhand://task/1",
    "https://github.com@evil.example/",
    "relative/path",
  ])
    expect(safeLink(bad)).toBeNull();
});

test("a link that names another place than it leads to says where it leads", () => {
  expect(hiddenHost("https://evil.example/x", "https://github.com/you")).toBe("evil.example");
  expect(hiddenHost("https://evil.example/x", "github.com")).toBe("evil.example");
  expect(hiddenHost("https://www.github.com/you", "github.com/you")).toBeNull();
  expect(hiddenHost("https://github.com/you/blob/README.md", "README.md")).toBeNull();
  expect(hiddenHost("https://github.com", "the repository")).toBeNull();
});

test("characters written as HTML writes them are read", () => {
  expect(decoded("a &lt; b &amp;&amp; c &#39;d&#x27; &unknown;")).toBe("a < b && c 'd' &unknown;");
});
