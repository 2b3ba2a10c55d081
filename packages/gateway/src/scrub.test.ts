import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Scrubber, scrubText } from "./scrub.ts";

function run(secret: string, chunks: Uint8Array[]): string {
  const scrubber = new Scrubber(secret);
  const out = chunks.map((chunk) => Buffer.from(scrubber.push(chunk)));
  return Buffer.concat([...out, scrubber.end()]).toString();
}

describe("scrubbing a secret from a stream", () => {
  test("finds it whatever the chunks, and leaves every other byte alone", () => {
    // Few letters and a secret that repeats itself, so that beginnings overlap.
    const secret = "abaabaab";
    const text = fc
      .array(fc.constantFrom("a", "b", "ab", "abaab", secret, "é"), { maxLength: 30 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(12), { maxLength: 40 }), (whole, sizes) => {
        const bytes = Buffer.from(whole);
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        chunks.push(bytes.subarray(at));
        expect(run(secret, chunks)).toBe(whole.replaceAll(secret, "[redacted]"));
      }),
    );
  });

  test("does not hold back what cannot be its beginning", () => {
    const scrubber = new Scrubber("sk-ant-secret");
    expect(Buffer.from(scrubber.push(Buffer.from("data: {}\n\n"))).toString()).toBe("data: {}\n\n");
  });

  test("leaves the text alone where the secret is too short to be one", () => {
    expect(run("key", [Buffer.from("a key")])).toBe("a key");
    expect(scrubText("a key", "key")).toBe("a key");
  });
});
