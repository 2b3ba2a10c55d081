import { addNetworkStateListener, type NetworkStateEvent, NetworkStateType } from "expo-network";
import { AppState } from "react-native";
import { onWakeUp } from "./wake-up.native.ts";
import { onWakeUp as onBrowserWakeUp } from "./wake-up.ts";

/** The phone's own part. */
jest.mock("expo-network", () => ({
  NetworkStateType: { NONE: "NONE", WIFI: "WIFI", CELLULAR: "CELLULAR" },
  addNetworkStateListener: jest.fn(),
}));

const WIFI = { type: NetworkStateType.WIFI, isConnected: true, isInternetReachable: true };
const CELLULAR = { ...WIFI, type: NetworkStateType.CELLULAR };
const NONE = { type: NetworkStateType.NONE, isConnected: false, isInternetReachable: false };

describe("on a phone", () => {
  const removed = { front: jest.fn(), network: jest.fn() };
  /** What the app hears of the phone, and how often it was woken by it. */
  function listen() {
    const front = jest.spyOn(AppState, "addEventListener").mockReturnValue({ remove: removed.front });
    jest.mocked(addNetworkStateListener).mockReturnValue({ remove: removed.network });
    const woken = jest.fn();
    const end = onWakeUp(woken);
    return {
      woken,
      end,
      state: front.mock.lastCall?.[1] as (state: string) => void,
      network: jest.mocked(addNetworkStateListener).mock.lastCall?.[0] as (event: NetworkStateEvent) => void,
    };
  }
  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  test("the app wakes up when it comes to the front, and not when it leaves", () => {
    const { state, woken } = listen();
    state("background");
    state("inactive");
    expect(woken).not.toHaveBeenCalled();
    state("active");
    expect(woken).toHaveBeenCalledTimes(1);
  });

  test("it wakes up with each change of the network, and not with a repeat", () => {
    const { network, woken } = listen();
    for (const [event, times] of [
      [WIFI, 1],
      [WIFI, 1],
      [CELLULAR, 2],
      [NONE, 3],
      [{ ...WIFI, isInternetReachable: false }, 4],
      [WIFI, 5],
    ] as const) {
      network(event);
      expect(woken).toHaveBeenCalledTimes(times);
    }
  });

  test("it listens no longer than it is asked to", () => {
    const { end } = listen();
    expect(removed.front).not.toHaveBeenCalled();
    end();
    expect(removed.front).toHaveBeenCalledTimes(1);
    expect(removed.network).toHaveBeenCalledTimes(1);
  });
});

describe("in a browser", () => {
  /** As much of a page as is listened to. */
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const frame = new EventTarget();
  const globals = globalThis as unknown as Record<"document" | "window", unknown>;
  const before = { document: globals.document, window: globals.window };
  beforeAll(() => Object.assign(globals, { document: page, window: frame }));
  afterAll(() => Object.assign(globals, before));

  test("the page wakes up when it is seen again and when the network comes or goes, until that is ended", () => {
    const woken = jest.fn();
    const end = onBrowserWakeUp(woken);
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(woken).not.toHaveBeenCalled();
    const happen = () => {
      page.visibilityState = "visible";
      page.dispatchEvent(new Event("visibilitychange"));
      for (const type of ["online", "offline", "pageshow"]) frame.dispatchEvent(new Event(type));
    };
    happen();
    expect(woken).toHaveBeenCalledTimes(4);
    end();
    happen();
    expect(woken).toHaveBeenCalledTimes(4);
  });
});
