import { act, fireEvent, renderHook, screen } from "@testing-library/react-native";
import { aServer, renderIn } from "../../../test/a-server.tsx";
import { aTask } from "../../../test/a-task.ts";
import { ToastHost } from "../../ui/toast.tsx";
import { TaskListPane } from "./task-list-pane.tsx";
import { usePullToRefresh } from "./use-pull-to-refresh.ts";

describe("on a phone", () => {
  /** Pulls at a list of one task. The server answers when the test says so. */
  async function pull() {
    const server = aServer();
    server.tasks.set({ tasks: [aTask({ title: "Mend" })], status: "live" });
    let answer: (isFresh: boolean) => void = () => undefined;
    const refresh = jest.fn(
      () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    );
    Object.assign(server.store, { refresh });
    await renderIn(
      <>
        <TaskListPane openTaskId={null} />
        <ToastHost />
      </>,
      server.store,
    );
    // The control itself hears the finger, and the list around it knows how it stands.
    const [control] = screen.container.queryAll(({ type }) => type === "RCTRefreshControl");
    if (!control) throw new Error("there is nothing to pull at");
    const isTurning = () =>
      screen.container.queryAll(({ props }) => props.refreshControl !== undefined)[0]?.props.refreshControl
        .props.refreshing;
    await fireEvent(control, "refresh");
    return {
      refresh,
      answer: (isFresh: boolean) => act(async () => answer(isFresh)),
      isTurning,
    };
  }

  test("pulling asks the server for the list, and turns until it has answered", async () => {
    const { refresh, answer, isTurning } = await pull();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(isTurning()).toBe(true);
    await answer(true);
    expect(isTurning()).toBe(false);
    expect(screen.getByText("Up to date")).toBeOnTheScreen();
  });

  test("where the server does not answer that is said, and it turns no more", async () => {
    const { answer, isTurning } = await pull();
    await answer(false);
    expect(isTurning()).toBe(false);
    expect(screen.getByText("The server does not answer.")).toBeOnTheScreen();
  });
});

describe("in a browser", () => {
  /** As much of an element as is touched and scrolled. */
  class Element extends EventTarget {
    scrollTop = 0;
    constructor(readonly parentNode: Element | null = null) {
      super();
    }
  }
  const globals = globalThis as unknown as { HTMLElement: unknown };
  const before = globals.HTMLElement;
  beforeAll(() => {
    globals.HTMLElement = Element;
  });
  afterAll(() => {
    globals.HTMLElement = before;
  });

  /** A list with a row in it, over which a finger is drawn from one height to another. */
  async function list() {
    const page = new Element();
    const frame = new Element(page);
    const row = new Element(frame);
    const refresh = jest.fn();
    const hook = await renderHook(() => usePullToRefresh({ current: frame }, refresh));
    const touch = (type: string, from: Element, given: object) => {
      const event = Object.assign(new Event(type), given);
      Object.defineProperty(event, "target", { value: from });
      frame.dispatchEvent(event);
    };
    const draw = (fromY: number, toY: number, from = row) => {
      touch("touchstart", from, { touches: [{ clientY: fromY }] });
      touch("touchend", from, { changedTouches: [{ clientY: toY }] });
      return refresh.mock.calls.length;
    };
    return { page, frame, row, draw, end: () => hook.unmount() };
  }

  test("a finger that is drawn far enough down from the top refreshes, once it is let go", async () => {
    const { draw } = await list();
    expect(draw(100, 180)).toBe(0);
    expect(draw(400, 100)).toBe(0);
    expect(draw(100, 200)).toBe(1);
  });

  test("a list that is scrolled down is only scrolled, and what is around it does not matter", async () => {
    const { page, frame, row, draw } = await list();
    frame.scrollTop = 40;
    expect(draw(100, 300)).toBe(0);
    frame.scrollTop = 0;
    row.scrollTop = 40;
    expect(draw(100, 300)).toBe(0);
    row.scrollTop = 0;
    page.scrollTop = 40;
    expect(draw(100, 300)).toBe(1);
  });

  test("nothing is watched once the list is gone", async () => {
    const { draw, end } = await list();
    await end();
    expect(draw(100, 300)).toBe(0);
  });
});
