import { expect, test } from "bun:test";
import { createPresence } from "./presence.ts";

const phone = { id: "d_phone", userId: "u_1", sessionId: "s_phone" };
const laptop = { id: "d_laptop", userId: "u_1", sessionId: "s_laptop" };

test("a device looks at what it names, or at what the sign-in that added it does", () => {
  const presence = createPresence(() => 0);
  presence.look({}, { userId: "u_1", sessionId: "s_laptop", deviceId: "d_phone", taskId: "t_1" });
  expect([presence.isLooking(phone, "t_1"), presence.isLooking(laptop, "t_1")]).toEqual([true, false]);
  const tab = {};
  presence.look(tab, { userId: "u_1", sessionId: "s_laptop", deviceId: null, taskId: "t_2" });
  expect([presence.isLooking(laptop, "t_2"), presence.isLooking(phone, "t_2")]).toEqual([true, false]);
  expect(presence.isLooking(laptop, "t_1")).toBe(false);
  // One of two tabs goes elsewhere.
  presence.look({}, { userId: "u_1", sessionId: "s_laptop", deviceId: null, taskId: "t_2" });
  presence.look(tab, null);
  expect(presence.isLooking(laptop, "t_2")).toBe(true);
});

test("nobody looks for another user, nor for devices without a sign-in of their own", () => {
  const presence = createPresence(() => 0);
  presence.look({}, { userId: "u_2", sessionId: "s_phone", deviceId: "d_phone", taskId: "t_1" });
  presence.look({}, { userId: "u_1", sessionId: null, deviceId: null, taskId: "t_1" });
  expect(presence.isLooking(phone, "t_1")).toBe(false);
  expect(presence.isLooking({ ...phone, sessionId: null }, "t_1")).toBe(false);
});

test("a connection that falls silent looks at nothing, until it is heard of again", () => {
  let now = 0;
  const presence = createPresence(() => now);
  const connection = {};
  presence.look(connection, { userId: "u_1", sessionId: null, deviceId: "d_phone", taskId: "t_1" });
  now = 45_000;
  expect(presence.isLooking(phone, "t_1")).toBe(true);
  now = 45_001;
  expect(presence.isLooking(phone, "t_1")).toBe(false);
  presence.seen(connection);
  expect(presence.isLooking(phone, "t_1")).toBe(true);
});
