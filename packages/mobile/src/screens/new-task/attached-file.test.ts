import { FILE_MAX_BYTES, readPicked, withFile } from "./attached-file.ts";

test("a file stands behind the prompt in a fence that nothing in it closes", () => {
  expect(withFile("Mend this", { name: "a.md", text: "x\n```\ny\n```\n" })).toBe(
    "Mend this\n\na.md:\n````\nx\n```\ny\n```\n````\n",
  );
  expect(withFile("", { name: "a.txt", text: "x" })).toBe("a.txt:\n```\nx\n```\n");
});

test("what is no text, or too long for a prompt, is not taken", () => {
  expect(readPicked("a.bin", 3, "a\0b").status).toBe("binary");
  expect(readPicked("a.bin", 3, "\ufffdPNG").status).toBe("binary");
  expect(readPicked("a.log", FILE_MAX_BYTES + 1, "x").status).toBe("too-large");
  expect(readPicked("a.log", 1, "x").status).toBe("ok");
});
