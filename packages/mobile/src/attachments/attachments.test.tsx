import { screen, userEvent, waitFor } from "@testing-library/react-native";
import { useState } from "react";
import { aServer, renderIn } from "../../test/a-server.tsx";
import { Composer } from "../screens/task/chat/composer/composer.tsx";
import { Bubble } from "../screens/task/chat/rows/bubble.tsx";
import { toast } from "../ui/toast.tsx";
import { AttachButton } from "./attach-button.tsx";
import { AttachmentList } from "./attachment-list.tsx";
import { useAttachments } from "./use-attachments.ts";

jest.mock("../ui/toast.tsx", () => ({ toast: jest.fn(), ToastHost: () => null }));
const picked = { assets: null as unknown };
jest.mock("expo-image-picker", () => ({
  UIImagePickerPreferredAssetRepresentationMode: { Compatible: "compatible" },
  launchImageLibraryAsync: jest.fn(async () => picked),
}));
jest.mock("expo-document-picker", () => ({ getDocumentAsync: jest.fn(async () => picked) }));
jest.mock("expo-file-system", () => ({
  Paths: {},
  File: class {
    readonly uri: string;
    constructor(uri: string) {
      this.uri = uri;
    }
    bytes = async () => new Uint8Array(this.uri.length);
  },
}));

const user = userEvent.setup();
const PNG = { id: "p1", name: "shot.png", mediaType: "image/png", sizeBytes: 3 };
const TEXT = { id: "t1", name: "notes.txt", mediaType: "text/plain", sizeBytes: 2048 };
const raw = (bytes: number[]) => ({
  sizeBytes: bytes.length,
  body: null as never,
  arrayBuffer: async () => new Uint8Array(bytes).buffer,
});

beforeEach(() => {
  picked.assets = null;
  jest.mocked(toast).mockClear();
});

function Field({ onList }: { onList: (names: string[]) => void }) {
  const [list, setList] = useState<ReturnType<typeof useAttachments>["list"]>([]);
  const attaching = useAttachments(list, (next) => {
    setList(next);
    onList(next.map(({ name }) => name));
  });
  return (
    <>
      <AttachmentList list={list} onRemove={attaching.remove} />
      <AttachButton attaching={attaching} />
    </>
  );
}

test("photos and files that are chosen are kept on the device, and can be taken out again", async () => {
  const server = aServer();
  const lists: string[][] = [];
  await renderIn(<Field onList={(names) => lists.push(names)} />, server.store);
  picked.assets = [{ uri: "file:///a.jpg", fileName: "a.jpg", mimeType: "image/jpeg" }];
  await user.press(screen.getByTestId("attach"));
  await user.press(screen.getByText("Photos"));
  picked.assets = [{ uri: "file:///n.txt", name: "n.txt", mimeType: "text/plain" }];
  await user.press(screen.getByTestId("attach"));
  await user.press(screen.getByText("Files"));
  await waitFor(() => expect(lists).toEqual([["a.jpg"], ["a.jpg", "n.txt"]]));
  expect(await server.attachments.bytes("file-1")).toHaveLength("file:///a.jpg".length);
  await user.press(screen.getByLabelText("Remove a.jpg"));
  expect(lists.at(-1)).toEqual(["n.txt"]);
  await waitFor(async () => expect(await server.attachments.bytes("file-1")).toBeNull());
  expect(await server.attachments.bytes("file-2")).not.toBeNull();
});

test("what is too large is told, and nothing is attached", async () => {
  const server = aServer();
  const lists: string[][] = [];
  await renderIn(<Field onList={(names) => lists.push(names)} />, server.store);
  picked.assets = [{ uri: "x".repeat(10 * 1024 * 1024 + 1), name: "big.bin", mimeType: "" }];
  await user.press(screen.getByTestId("attach"));
  await user.press(screen.getByText("Files"));
  await waitFor(() =>
    expect(toast).toHaveBeenCalledWith(expect.stringContaining("big.bin is larger than 10 MiB")),
  );
  expect(lists).toEqual([]);
});

test("the composer sends what is attached, also without a word, and is empty then", async () => {
  const server = aServer();
  server.draft.set({ ...server.draft.getSnapshot(), attachments: [TEXT] });
  await renderIn(<Composer taskId="t" isWorking={false} isStopping={false} closed={null} />, server.store);
  expect(screen.getByText("notes.txt")).toBeOnTheScreen();
  await user.press(screen.getByTestId("send"));
  expect(server.asked).toEqual([
    { type: "send_message", taskId: "t", text: "Look at what is attached.", attachments: [TEXT] },
  ]);
  expect(server.draft.getSnapshot().attachments).toEqual([]);
});

test("a message shows its pictures, which open, and its files", async () => {
  const attachment = jest.fn(async () => raw([1, 2, 3]));
  const server = aServer({ attachment });
  await renderIn(<Bubble author="You" text="Look" attachments={[PNG, TEXT]} />, server.store);
  expect(screen.getByLabelText(/^Download notes.txt, /)).toBeOnTheScreen();
  await user.press(screen.getByLabelText("Open shot.png"));
  const picture = await screen.findByLabelText("Picture shot.png");
  expect(picture.props.source).toEqual({ uri: "data:image/png;base64,AQID" });
  expect(attachment).toHaveBeenCalledWith("p1", expect.anything());
});

test("a picture that still waits here is shown from this device", async () => {
  const attachment = jest.fn(async () => raw([9]));
  const server = aServer({ attachment });
  const [kept] = await server.attachments.keep([
    { name: "here.png", mediaType: "image/png", bytes: new Uint8Array([1, 2, 3]) },
  ]);
  if (!kept) throw new Error("nothing is kept");
  await renderIn(<Bubble author="You" text="Look" attachments={[kept]} isWaiting />, server.store);
  await user.press(screen.getByLabelText("Open here.png"));
  const picture = await screen.findByLabelText("Picture here.png");
  expect(picture.props.source).toEqual({ uri: "data:image/png;base64,AQID" });
  expect(attachment).not.toHaveBeenCalled();
});
