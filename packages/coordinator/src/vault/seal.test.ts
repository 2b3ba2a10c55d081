import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { namedKey } from "./master-key.ts";
import { type Binding, SealError, seal, unseal } from "./seal.ts";

const key = namedKey(randomBytes(32));
const other = namedKey(randomBytes(32));
const binding: Binding = { userId: "u_1", purpose: "model", subject: "https://api.anthropic.com" };

describe("a sealed secret", () => {
  test("opens to what went in, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (secret) => {
        expect(unseal([key], binding, seal(key, binding, secret))).toBe(secret);
      }),
    );
  });

  test("does not show what is in it", () => {
    const { box } = seal(key, binding, "sk-ant-canary");
    expect(Buffer.from(box, "base64").toString("latin1")).not.toContain("canary");
  });

  test("looks different each time: no nonce comes twice", () => {
    const nonces = Array.from({ length: 5000 }, () =>
      Buffer.from(seal(key, binding, "same").box, "base64")
        .subarray(1, 13)
        .toString("hex"),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test("opens for no other user, purpose or subject", () => {
    const sealed = seal(key, binding, "secret");
    for (const change of [
      { userId: "u_2" },
      { purpose: "github" },
      { subject: "https://evil.example.com" },
      // Nor where the parts only run together in the same way.
      { userId: "u_1model", purpose: "" },
      { userId: 'u_1","model' },
    ])
      expect(() => unseal([key], { ...binding, ...change }, sealed)).toThrow(SealError);
  });

  test("opens with no other key, and says whose it would need", () => {
    const sealed = seal(key, binding, "secret");
    expect(() => unseal([other], binding, sealed)).toThrow(key.id);
    // Nor when the row is made to name the other key.
    expect(() => unseal([other], binding, { ...sealed, keyId: other.id })).toThrow(SealError);
    expect(unseal([other, key], binding, sealed)).toBe("secret");
  });

  test("does not open when any byte of it was changed, or it was cut short", () => {
    const sealed = seal(key, binding, "secret");
    const bytes = Buffer.from(sealed.box, "base64");
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((bytes[index] ?? 0) ^ 1, index);
      expect(() => unseal([key], binding, { ...sealed, box: changed.toString("base64") })).toThrow(SealError);
      const cut = bytes.subarray(0, index).toString("base64");
      expect(() => unseal([key], binding, { ...sealed, box: cut })).toThrow(SealError);
    }
    expect(() => unseal([key], binding, { ...sealed, box: "no base64 at all!" })).toThrow(SealError);
  });
});
