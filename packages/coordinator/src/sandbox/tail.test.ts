import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { demultiplex } from "./docker-log.ts";
import { readableTail, TAIL_MAX_BYTES } from "./tail.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("the readable tail", () => {
  test("has no colours, no bells and no rewritten lines", () => {
    expect(readableTail(bytes("\u001b[31mred\u001b[0m\u0007\r\n10%\r50%\r100%\nend\n\n"))).toBe(
      "red\n100%\nend",
    );
  });

  test("keeps tabs and line breaks, which are layout", () => {
    expect(readableTail(bytes("a\tb\n\tc"))).toBe("a\tb\n\tc");
  });

  test("takes bytes that are no text without failing", () => {
    expect(readableTail(new Uint8Array([0xff, 0x41, 0xc3]))).toBe("\ufffdA\ufffd");
  });

  test("is never longer than the limit, never cut within a character, and always the end", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (text, times) => {
          const tail = readableTail(bytes(text.repeat(times)));
          expect(bytes(tail).length).toBeLessThanOrEqual(TAIL_MAX_BYTES);
          expect(readableTail(bytes(`${text.repeat(times)}X`)).endsWith("X")).toBe(true);
          if (!text.includes("\ufffd")) expect(tail).not.toContain("\ufffd");
        },
      ),
    );
  });
});

describe("the engine's log frames", () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const text = (frames: Uint8Array) => new TextDecoder().decode(demultiplex(frames));

  test("are joined in the order in which they were written, whichever stream they are of", () => {
    expect(text(Buffer.concat([frame(1, "one\n"), frame(2, "two\n"), frame(1, ""), frame(1, "three")]))).toBe(
      "one\ntwo\nthree",
    );
  });

  test("give what is there when the last one is cut off, in its header or in its text", () => {
    const whole = Buffer.concat([frame(1, "one"), frame(1, "two")]);
    expect(text(whole.subarray(0, -1))).toBe("onetw");
    expect(text(whole.subarray(0, 15))).toBe("one");
    expect(text(new Uint8Array())).toBe("");
  });
});
