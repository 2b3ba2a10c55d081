import { ApiError, type RestApi, UnreachableError } from "@farhand/client/app";
import type { FileNode, FileSearch, FoundLine, TreeEntry } from "@farhand/protocol";
import { act, fireEvent, screen, userEvent, waitFor } from "@testing-library/react-native";
import { useState } from "react";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { foundPieces } from "./found-text.ts";
import { FEW_NAMES, searchRows } from "./search-rows.ts";
import { TreePane } from "./tree-pane.tsx";
import { useReadNode, useTree } from "./use-tree.ts";

const COMMIT = "c".repeat(40);
const entry = (path: string): TreeEntry => ({
  name: path.slice(path.lastIndexOf("/") + 1),
  path,
  kind: "file",
  isExecutable: false,
  sizeBytes: 1,
});
const folder = (...paths: string[]): FileNode => ({
  kind: "folder",
  commit: COMMIT,
  path: "",
  entries: paths.map(entry),
  truncated: false,
});
const aLine = (line: number, text: string, start: number, end: number): FoundLine => ({
  line,
  text,
  isCutBefore: false,
  isCutAfter: false,
  places: [{ start, end }],
});
const FOUND: FileSearch = {
  commit: COMMIT,
  files: [
    { path: "src/shop.ts", lines: [aLine(12, "  const cart = of();", 8, 12)], truncated: false },
    {
      path: "src/sum.ts",
      lines: [aLine(3, "cart", 0, 4), aLine(4, "cart!", 0, 4)],
      truncated: true,
    },
  ],
  truncated: false,
};
const NOTHING: FileSearch = { commit: COMMIT, files: [], truncated: false };

type Search = RestApi["searchFiles"];

function Pane({
  onChoose,
  chosen,
}: {
  onChoose: (path: string, line?: number) => void;
  chosen: string | null;
}) {
  const read = useReadNode("t_1", null);
  const tree = useTree(read);
  const [wanted, setWanted] = useState("");
  return (
    <TreePane
      taskId="t_1"
      checkpoint={null}
      tree={tree}
      read={read}
      chosen={chosen}
      chosenLines={chosen === null ? null : { from: 12, to: 12 }}
      wanted={wanted}
      onWanted={setWanted}
      onChoose={onChoose}
    />
  );
}

async function opened(searchFiles: Search, files = folder("cart.ts", "b.ts"), chosen: string | null = null) {
  const asked: { q: string; signal: AbortSignal | undefined }[] = [];
  const server = aServer({
    files: async () => files,
    searchFiles: (taskId, search, signal) => {
      asked.push({ q: search.q, signal });
      return searchFiles(taskId, search, signal);
    },
  });
  const chose = jest.fn();
  await renderIn(<Pane onChoose={chose} chosen={chosen} />, server.store);
  await screen.findByText("b.ts");
  const type = (text: string) => fireEvent.changeText(screen.getByTestId("file-search"), text);
  return { asked, chose, type, server, user: userEvent.setup() };
}

test("a text is found in names and, below, in files; a line leads to its place", async () => {
  const { asked, chose, type, user } = await opened(async () => FOUND);
  await type(" cart ");
  expect(await screen.findByText("1 file")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "cart.ts" })).toBeOnTheScreen();
  expect(screen.queryByText("b.ts")).toBeNull();
  expect(await screen.findByText("3 lines in 2 files")).toBeOnTheScreen();
  expect(asked.map(({ q }) => q)).toEqual(["cart"]);
  expect(screen.getByText("There are more lines in this file.")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "src/shop.ts, line 12 const cart = of();" }));
  expect(chose).toHaveBeenLastCalledWith("src/shop.ts", 12);
  await user.press(screen.getByRole("button", { name: "src/sum.ts" }));
  expect(chose).toHaveBeenLastCalledWith("src/sum.ts");
  await user.press(screen.getByRole("button", { name: "cart.ts" }));
  expect(chose).toHaveBeenLastCalledWith("cart.ts");
  await user.press(screen.getByRole("button", { name: "Clear the search" }));
  expect(screen.getByText("b.ts")).toBeOnTheScreen();
  expect(screen.queryByText("In files")).toBeNull();
});

test("the line that is shown beside the results is marked as that", async () => {
  const { type } = await opened(async () => FOUND, undefined, "src/shop.ts");
  await type("cart");
  const line = await screen.findByRole("button", { name: /^src\/shop\.ts, line 12/ });
  expect(line).toHaveProp("aria-current", "true");
  expect(screen.getByRole("button", { name: /^src\/sum\.ts, line 3/ })).not.toHaveProp(
    "aria-current",
    "true",
  );
});

test("who types on is not answered about what stood there before", async () => {
  const answers: ((found: FileSearch) => void)[] = [];
  const { asked, type } = await opened(() => new Promise((resolve) => answers.push(resolve)));
  await type("ca");
  await type("car");
  await waitFor(() => expect(asked.map(({ q }) => q)).toEqual(["car"]));
  expect(screen.getByText("Searching…")).toBeOnTheScreen();
  await type("cart");
  expect(asked[0]?.signal?.aborted).toBe(true);
  await waitFor(() => expect(asked.map(({ q }) => q)).toEqual(["car", "cart"]));
  await act(async () => answers[0]?.(FOUND));
  expect(screen.getByText("Searching…")).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: "src/sum.ts" })).toBeNull();
  await act(async () => answers[1]?.(NOTHING));
  expect(screen.getByText("No file has this text in it.")).toBeOnTheScreen();
});

test("one character is looked for in names alone", async () => {
  const { asked, type } = await opened(async () => FOUND);
  await type("c");
  expect(await screen.findByText("Two characters or more are also searched for in files.")).toBeOnTheScreen();
  await type("ca");
  await screen.findByText("3 lines in 2 files");
  await type("c");
  expect(screen.queryByRole("button", { name: "src/sum.ts" })).toBeNull();
  expect(asked.length).toBe(1);
});

test.each([
  [{ ...FOUND, truncated: true }, /^3 lines in 2 files There may be more/],
  [{ ...NOTHING, truncated: true }, /^Nothing was found, but not everything/],
] as [FileSearch, RegExp][])("a search that a bound has ended says so", async (found, says) => {
  const { type } = await opened(async () => found);
  await type("cart");
  expect(await screen.findByText(says)).toBeOnTheScreen();
});

test("an error is told in the server's words and can be tried again", async () => {
  let answer: () => Promise<FileSearch> = () =>
    Promise.reject(
      new ApiError({
        ...{ type: "about:blank", title: "gone", status: 410, code: "removed" },
        ...{ detail: "The files are gone.", action: "Look at the remote." },
      } as ConstructorParameters<typeof ApiError>[0]),
    );
  const { type, user } = await opened(() => answer());
  await type("cart");
  expect(await screen.findByText("The files are gone. Look at the remote.")).toBeOnTheScreen();
  answer = async () => FOUND;
  await user.press(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("3 lines in 2 files")).toBeOnTheScreen();
});

test("without the server names are found all the same, and contents once it is back", async () => {
  let isAway = true;
  const { type, server } = await opened(() =>
    isAway ? Promise.reject(new UnreachableError("https://farhand.example.com")) : Promise.resolve(FOUND),
  );
  await act(async () => server.connection.set({ ...server.LIVE, status: "offline" }));
  await type("cart");
  expect(await screen.findByText(/^Contents are searched by the server/)).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "cart.ts" })).toBeOnTheScreen();
  isAway = false;
  await act(async () => server.connection.set(server.LIVE));
  expect(await screen.findByText("3 lines in 2 files")).toBeOnTheScreen();
});

test("many names do not push the lines away", async () => {
  const names = Array.from({ length: FEW_NAMES + 2 }, (_, n) => `cart${n}.ts`);
  const { type, user } = await opened(async () => FOUND, folder("b.ts", ...names));
  await type("cart");
  await screen.findByText(`${names.length} files`);
  expect(screen.queryByRole("button", { name: names.at(-1) ?? "" })).toBeNull();
  await user.press(screen.getByRole("button", { name: `Show all ${names.length} files` }));
  expect(screen.getByRole("button", { name: names.at(-1) ?? "" })).toBeOnTheScreen();
  expect(searchRows(names.map(entry), FOUND, false).filter(({ type }) => type === "name").length).toBe(
    FEW_NAMES,
  );
});

test("a found line begins where the place is in sight, and hides nothing silently", () => {
  const shown = (line: FoundLine) =>
    foundPieces(line)
      .map(({ text, isFound }) => (isFound ? `[${text}]` : text))
      .join("");
  expect(shown(aLine(1, "    return cart;", 11, 15))).toBe("return [cart];");
  expect(shown(aLine(1, "  ", 0, 2))).toBe("[  ]");
  expect(shown(aLine(1, `${"x".repeat(60)}cart`, 60, 64))).toBe(`…${"x".repeat(24)}[cart]`);
  expect(shown(aLine(1, "it works out what a shopping cart costs", 29, 33))).toBe(
    "…out what a shopping [cart] costs",
  );
  expect(shown({ ...aLine(1, "a cart", 2, 6), isCutBefore: true, isCutAfter: true })).toBe("…a [cart]…");
  // No half of a character.
  expect(shown(aLine(1, `${"🎉".repeat(20)}x${"cart"}`, 41, 45))).toBe(`…${"🎉".repeat(11)}x[cart]`);
  const two = {
    ...aLine(1, "cart cart", 0, 4),
    places: [
      { start: 0, end: 4 },
      { start: 5, end: 9 },
    ],
  };
  expect(shown(two)).toBe("[cart] [cart]");
});
