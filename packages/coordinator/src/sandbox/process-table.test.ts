import { describe, expect, test } from "bun:test";
import { findFamily, type ProcessEntry, parseStat, readProcessTable } from "./process-table.ts";

const entry = (pid: number, parentPid: number, sessionId: number, startTicks = pid): ProcessEntry => ({
  pid,
  parentPid,
  sessionId,
  startTicks,
  zombie: false,
});

describe("a line of the process table", () => {
  const rest = "1 10 10 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200";

  test("gives the process, whatever its name looks like", () => {
    for (const name of ["sh", "a b", "x) S 7 7 7 (", "two\nlines"]) {
      expect(parseStat(`42 (${name}) S ${rest}\n`)).toEqual({
        pid: 42,
        parentPid: 1,
        sessionId: 10,
        zombie: false,
        startTicks: 987654,
      });
    }
  });

  test("tells what has ended already", () => {
    expect(parseStat(`42 (sh) Z ${rest}`)?.zombie).toBe(true);
  });

  test("is nothing when it is cut off", () => {
    for (const line of ["", "42", "42 (sh", "42 (sh) S 1 10 10"]) expect(parseStat(line)).toBeNull();
  });

  test("is read of this very process", async () => {
    const own = (await readProcessTable()).find((found) => found.pid === process.pid);
    expect(own?.parentPid).toBe(process.ppid);
  });
});

describe("a sandbox's family", () => {
  const root = { pid: 100, startTicks: 100 };
  const shell = entry(100, 1, 100);
  const helper = entry(101, 100, 100);
  const tail = entry(102, 100, 100);
  const worker = entry(103, 101, 100);

  test("tells the worker from those that watch it", () => {
    expect(findFamily([shell, helper, tail, worker, entry(7, 1, 7)], root)).toEqual({
      supervisors: [100, 101, 102],
      worker: 103,
      others: [103],
    });
  });

  test("holds what left the session and what lost its parent", () => {
    const ownSession = entry(104, 103, 104);
    const belowIt = entry(105, 104, 104);
    const orphan = entry(106, 1, 100);
    expect(findFamily([shell, helper, tail, worker, ownSession, belowIt, orphan], root).others).toEqual([
      103, 106, 104, 105,
    ]);
  });

  test("is found by its session when the shell is dead", () => {
    expect(findFamily([entry(103, 1, 100), entry(9, 1, 9)], root)).toEqual({
      supervisors: [],
      worker: null,
      others: [103],
    });
  });

  test("is empty when the pid belongs to another process by now", () => {
    const stranger = entry(100, 1, 100, 5000);
    expect(findFamily([stranger, entry(200, 100, 100, 5001)], root)).toEqual({
      supervisors: [],
      worker: null,
      others: [],
    });
  });
});
