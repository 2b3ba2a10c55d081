import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { MessageId } from "@farhand/protocol";
import fc from "fast-check";
import { messageIdOf } from "./message-id.ts";
import { sha256 } from "./sha256.ts";

test("the hash is SHA-256", () => {
  const long = fc.string({ unit: "binary", maxLength: 300 });
  fc.assert(
    fc.property(long, (text) => {
      const hex = [...sha256(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      expect(hex).toBe(createHash("sha256").update(text).digest("hex"));
    }),
  );
});

test("a message's id is one of the protocol's", () => {
  expect(() => MessageId.parse(messageIdOf("t_1", "key"))).not.toThrow();
});
