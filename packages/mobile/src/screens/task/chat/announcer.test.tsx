import type { ChatRow } from "@farhand/client/app";
import { act, screen } from "@testing-library/react-native";
import { impactAsync, notificationAsync } from "expo-haptics";
import { AccessibilityInfo } from "react-native";
import { aServer, renderIn } from "../../../../test/a-server.tsx";
import { setPreferences } from "../../../prefs/preferences.ts";
import { Announcer } from "./announcer.tsx";
import { useAsk } from "./use-ask.ts";

const announce = jest
  .spyOn(AccessibilityInfo, "announceForAccessibility")
  .mockImplementation(() => undefined);
beforeEach(() => jest.clearAllMocks());
afterAll(() => announce.mockRestore());

const base = (seq: number) => ({ id: `e${seq}`, seq, at: "2026-03-01T10:00:00.000Z", turn: 1 });
const said = (seq: number, text: string, isStreaming = false): ChatRow =>
  ({ ...base(seq), kind: "assistant", text, isStreaming }) as ChatRow;
const end = (seq: number, given: object): ChatRow =>
  ({ ...base(seq), kind: "turn_end", failure: null, title: null, summary: null, ...given }) as ChatRow;
const ask = (seq: number, status: "open" | "answered"): ChatRow =>
  ({
    ...base(seq),
    kind: "question",
    questionId: "q1",
    answer: null,
    question: "Which currency?",
    options: [],
    status,
  }) as ChatRow;

/** What a screen reader says, and what the hand feels, in order. */
const told = () => announce.mock.calls.map(([text]) => text);
const felt = () => [
  ...jest.mocked(impactAsync).mock.calls.map(() => "sent"),
  ...jest.mocked(notificationAsync).mock.calls.map(([kind]) => String(kind)),
];

/** A chat that grows: each step is what it shows now. */
async function follow(...steps: ChatRow[][]) {
  const seqOf = (rows: ChatRow[]) => Math.max(0, ...rows.map((row) => ("seq" in row ? row.seq : 0)));
  const [first = [], ...rest] = steps;
  const drawn = await renderIn(<Announcer rows={first} seq={seqOf(first)} isLive />);
  for (const rows of rest) await drawn.rerender(<Announcer rows={rows} seq={seqOf(rows)} isLive />);
}
const region = () => screen.getByTestId("announcer", { includeHiddenElements: true });

test("the end of a turn is announced once, in a live region, and no token before it", async () => {
  const words = ["The", "The prices", "The prices are rounded."];
  const tokens = words.map((text) => [said(1, "Hm."), said(2, text, true)]);
  await follow([said(1, "Hm.")], ...tokens, [said(1, "Hm."), said(3, words[2] ?? "")]);
  expect([told(), felt()]).toEqual([[], []]);
  expect(region()).toHaveTextContent("");
  expect(region().props["aria-live"] ?? region().props.accessibilityLiveRegion).toBe("polite");
  const rows = [said(3, "The prices are rounded."), end(4, { outcome: "finished", title: "Round prices" })];
  await screen.rerender(<Announcer rows={rows} seq={4} isLive />);
  expect(region()).toHaveTextContent(/Round prices/);
  await screen.rerender(<Announcer rows={[...rows]} seq={4} isLive />);
  expect(told()).toEqual([expect.stringContaining("Round prices")]);
  expect(felt()).toEqual(["success"]);
});

test.each([
  [
    "a failure",
    end(2, { outcome: "failed", failure: { message: "The key was refused." } }),
    /key was refused/,
    "error",
  ],
  ["a question", ask(2, "open"), /Which currency\?/, "warning"],
])("%s is announced with its words, and felt as what it is", async (_, row, text, feeling) => {
  await follow([said(1, "Hm.")], [said(1, "Hm."), row]);
  expect(told()).toEqual([expect.stringMatching(text)]);
  expect(felt()).toEqual([feeling]);
});

test("what was there before, and a question that is answered, is old news", async () => {
  const before = end(1, { outcome: "finished", title: "Round prices" });
  await follow([before], [before, ask(2, "answered")]);
  expect([told(), felt()]).toEqual([[], []]);
});

test("what came while the device was away is told once it is all here", async () => {
  await follow([said(1, "Hm.")]);
  const rows = [said(1, "Hm."), end(2, { outcome: "failed", failure: { message: "No." } })];
  await screen.rerender(<Announcer rows={rows} seq={2} isLive={false} />);
  expect(told()).toEqual([]);
  await screen.rerender(<Announcer rows={rows} seq={2} isLive />);
  expect(told()).toHaveLength(1);
});

test("nobody feels anything who has switched that off", async () => {
  setPreferences({ haptics: false });
  await follow([said(1, "Hm.")], [ask(2, "open")]);
  expect([told().length, felt()]).toEqual([1, []]);
  await act(async () => setPreferences({ haptics: true }));
});

interface Given {
  ask?: ReturnType<typeof useAsk>;
}

/** Gives away what a part of the chat asks with. */
function Asking({ given }: { given: Given }) {
  given.ask = useAsk();
  return null;
}

test("what is sent is felt once the device keeps it, and not where it cannot", async () => {
  const { store, asked } = aServer();
  const given: Given = {};
  await renderIn(<Asking given={given} />, store);
  await given.ask?.({ type: "stop", taskId: "t_1" });
  expect([asked.length, felt()]).toEqual([1, ["sent"]]);
  store.outbox.add = async () => {
    throw new Error("The device is full.");
  };
  expect(await given.ask?.({ type: "stop", taskId: "t_1" })).toBeNull();
  expect(felt()).toEqual(["sent"]);
});
