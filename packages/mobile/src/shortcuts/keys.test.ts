import { shortcutOf } from "./keys.ts";

const plain = { hasCommand: false, hasAlt: false, isInField: false, isInDialog: false };

test("a letter alone is a shortcut only where nobody types", () => {
  expect(shortcutOf({ ...plain, key: "n" })).toBe("newTask");
  expect(shortcutOf({ ...plain, key: "n", isInField: true })).toBeNull();
});

test("with Ctrl the same letter is another shortcut, also in fields", () => {
  expect(shortcutOf({ ...plain, key: "k" })).toBe("previous");
  expect(shortcutOf({ ...plain, key: "K", hasCommand: true, isInField: true })).toBe("palette");
});

test("with Alt it types a character of some keyboard, and is none", () => {
  expect(shortcutOf({ ...plain, key: "/", hasAlt: true })).toBeNull();
});

test("under an open dialog nothing is done from the keyboard", () => {
  for (const key of ["n", "j", "?", "escape"])
    expect(shortcutOf({ ...plain, key, isInDialog: true })).toBeNull();
  expect(shortcutOf({ ...plain, key: "Enter", hasCommand: true, isInDialog: true })).toBeNull();
});
