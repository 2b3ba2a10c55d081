import { UnreachableError } from "@farhand/client/app";
import type { FileNode } from "@farhand/protocol";
import { fireEvent, screen, userEvent } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { FilePane } from "./file-pane.tsx";

const FILE = { kind: "file", path: "src/a.ts", commit: "a".repeat(40) } as const;
const aFile = (text: string | null, given: Partial<FileNode & { kind: "file" }> = {}): FileNode =>
  ({ ...FILE, sizeBytes: 100, text, truncated: false, ...given }) as FileNode;

async function opened(files: () => Promise<FileNode>, line: number | null = null) {
  const server = aServer({ files });
  await renderIn(
    <FilePane
      taskId="t_1"
      path="src/a.ts"
      checkpoint={null}
      lines={line === null ? null : { from: line, to: line }}
      isNarrow
      onFolder={() => undefined}
    />,
    server.store,
  );
  return userEvent.setup();
}

test("a link marks its line, and says so where the file has no such line", async () => {
  await opened(async () => aFile("one\ntwo\n"), 2);
  expect(await screen.findByRole("button", { name: "Line 2: two" })).toHaveProp("aria-pressed", true);
  expect(screen.getByRole("button", { name: "Line 1: one" })).toHaveProp("aria-pressed", false);
  await screen.unmount();
  await opened(async () => aFile("one\ntwo\n"), 9);
  expect(await screen.findByText("There is no line 9: the last one shown is 2.")).toBeOnTheScreen();
});

test("a text is found in the file, place by place and around", async () => {
  const user = await opened(async () => aFile("a\nb a\nA\n"));
  await user.press(await screen.findByTestId("find"));
  await fireEvent.changeText(screen.getByTestId("find-text"), "a");
  expect(screen.getByText("1 of 3")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Previous place" }));
  expect(screen.getByText("3 of 3")).toBeOnTheScreen();
  await user.press(screen.getByRole("button", { name: "Next place" }));
  expect(screen.getByText("1 of 3")).toBeOnTheScreen();
});

test.each([
  ["an empty file", aFile("", { sizeBytes: 0 }), "This file is empty."],
  ["a binary one", aFile(null), "A binary file, 100 B"],
  ["a part of a long one", aFile("one\n", { truncated: true }), /^This is the file's first MiB/],
  ["a link", { kind: "symlink", path: "src/a.ts", commit: FILE.commit, target: "b.ts" }, "A link to b.ts"],
] as [string, FileNode, string | RegExp][])("%s is said to be that", async (_name, node, says) => {
  await opened(async () => node);
  expect(await screen.findByText(says)).toBeOnTheScreen();
});

test("without a server and without a copy it says that it is not here yet", async () => {
  await opened(() => Promise.reject(new UnreachableError("https://farhand.example.com")));
  expect(await screen.findByText("Not on this device yet")).toBeOnTheScreen();
});
