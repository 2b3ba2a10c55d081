import { act, renderHook } from "@testing-library/react-native";
import { useDictation } from "./use-dictation.ts";

/** As browsers' own: it says nothing until the test makes it. */
class FakeRecognition {
  static made: FakeRecognition[] = [];
  continuous = false;
  interimResults = true;
  lang = "";
  calls: string[] = [];
  onresult: (event: { resultIndex: number; results: { transcript: string }[][] }) => void = () => undefined;
  onend = () => undefined;
  onerror: (event: { error: string }) => void = () => undefined;
  constructor() {
    FakeRecognition.made.push(this);
  }
  start() {
    this.calls.push("start");
  }
  stop() {
    this.calls.push("stop");
    this.onend();
  }
  abort() {
    this.calls.push("abort");
    this.onerror({ error: "aborted" });
  }
}

const browser = globalThis as { SpeechRecognition?: unknown; webkitSpeechRecognition?: unknown };
beforeAll(() =>
  Object.defineProperty(globalThis, "navigator", { value: { language: "en-GB" }, configurable: true }),
);
beforeEach(() => {
  FakeRecognition.made = [];
  browser.webkitSpeechRecognition = FakeRecognition;
});
afterEach(() => {
  browser.SpeechRecognition = undefined;
  browser.webkitSpeechRecognition = undefined;
});

async function open() {
  const heard: string[] = [];
  const failures: string[] = [];
  const hook = await renderHook(() =>
    useDictation(
      (text) => heard.push(text),
      () => failures.push("failed"),
    ),
  );
  const dictation = () => {
    const { current } = hook.result;
    if (!current) throw new Error("there is no dictation");
    return current;
  };
  return { hook, heard, failures, dictation };
}

test("what is said is added as it is heard, each sentence once, until one stops it", async () => {
  const { heard, failures, dictation } = await open();
  expect(dictation().isListening).toBe(false);
  await act(async () => dictation().toggle());
  const [recognition] = FakeRecognition.made;
  expect(dictation().isListening).toBe(true);
  expect(recognition).toMatchObject({
    continuous: true,
    interimResults: false,
    lang: "en-GB",
    calls: ["start"],
  });
  const first = [{ transcript: " Fix the login " }];
  await act(async () => recognition?.onresult({ resultIndex: 0, results: [first] }));
  // Browsers give all results each time, and say from which on they are new.
  await act(async () =>
    recognition?.onresult({ resultIndex: 1, results: [first, [{ transcript: "and test it" }]] }),
  );
  expect(heard).toEqual(["Fix the login", "and test it"]);
  await act(async () => dictation().toggle());
  expect(recognition?.calls).toEqual(["start", "stop"]);
  expect(dictation().isListening).toBe(false);
  expect(failures).toEqual([]);
});

test("a browser that hears nothing, or may not listen, is told of, and can be asked again", async () => {
  const { failures, dictation } = await open();
  await act(async () => dictation().toggle());
  await act(async () => {
    FakeRecognition.made[0]?.onerror({ error: "not-allowed" });
    FakeRecognition.made[0]?.onend();
  });
  expect(failures).toEqual(["failed"]);
  expect(dictation().isListening).toBe(false);
  await act(async () => dictation().toggle());
  expect(FakeRecognition.made).toHaveLength(2);
});

test("listening ends with the screen, and that is no failure", async () => {
  const { hook, failures, dictation } = await open();
  await act(async () => dictation().toggle());
  await hook.unmount();
  expect(FakeRecognition.made[0]?.calls).toEqual(["start", "abort"]);
  expect(failures).toEqual([]);
});

test("a browser without it has no dictation", async () => {
  browser.webkitSpeechRecognition = undefined;
  const { hook } = await open();
  expect(hook.result.current).toBeNull();
});

test("the standard's own name is taken before the older one", async () => {
  class Standard extends FakeRecognition {}
  browser.SpeechRecognition = Standard;
  const { dictation } = await open();
  await act(async () => dictation().toggle());
  expect(FakeRecognition.made[0]).toBeInstanceOf(Standard);
});
