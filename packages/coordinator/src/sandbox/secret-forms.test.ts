import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { createNeedleSearch } from "./needle-search.ts";
import { secretForms } from "./secret-forms.ts";

const isIn = (secret: string, text: string) =>
  createNeedleSearch(secretForms(secret))().push(Buffer.from(text));
const SECRET = 'pa/ss+w"ord <of> 1 registry?';

describe("a secret is found", () => {
  test.each([
    ["as it is", `token=${SECRET}\n`],
    ["in base64, as npm's _auth has it behind a name", `_auth=${btoa(`somebody:${SECRET}`)}`],
    ["in base64 of a text that goes on", `auth: ${btoa(`u:${SECRET}@host and more`)}`],
    ["in base64 in lines of 76 characters", btoa(`x${SECRET.repeat(4)}`).replace(/(.{76})/g, "$1\n")],
    ["in base64 in very short lines", btoa(SECRET).replace(/(.{5})/g, "$1\r\n")],
    ["in base64 for URLs", Buffer.from(`ab${SECRET}`).toString("base64url")],
    ["in a URL", `https://user:${encodeURIComponent(SECRET)}@example.org`],
    ["in a form", new URLSearchParams({ password: SECRET }).toString()],
    ["in a URL in small letters", `https://u:${encodeURIComponent(SECRET).toLowerCase()}@example.org`],
    ["in JSON", JSON.stringify({ auths: { "r.example": { password: SECRET } } })],
    ["in JSON with escaped slashes", JSON.stringify(SECRET).replaceAll("/", "\\/")],
    ["in JSON for HTML", JSON.stringify(SECRET).replace("<", "\\u003c").replace(">", "\\u003e")],
  ])("%s", (_name, text) => {
    // In small letters only the encoding is, not the secret.
    const secret = text.startsWith("https://u:") ? SECRET.toLowerCase() : SECRET;
    expect(isIn(secret, text)).toBe(true);
    expect(isIn("another-secret-0123", text)).toBe(false);
  });

  test("wherever it begins in what was put into base64", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc
          .string({ minLength: 8, maxLength: 60, unit: "grapheme" })
          .filter((it) => it.trim() === it && !/[\r\n]/.test(it)),
        fc.uint8Array({ maxLength: 70 }),
        (before, secret, after) => {
          const whole = Buffer.concat([before, Buffer.from(secret), after]);
          expect(isIn(secret, whole.toString("base64"))).toBe(true);
          expect(isIn(secret, whole.toString("base64url"))).toBe(true);
        },
      ),
    );
  });

  test("by one line of a private key, but not by what every key begins with", () => {
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    });
    const lines = String(key).trim().split("\n");
    expect(isIn(String(key), `kept ${lines[7]} by a slip`)).toBe(true);
    expect(isIn(String(key), btoa(String(key)))).toBe(true);
    expect(isIn(String(key), JSON.stringify({ key }))).toBe(true);
    expect(isIn(String(key), `${lines[0]}\nMIIother\n${lines.at(-1)}`)).toBe(false);
  });

  test("of several short lines as a whole", () => {
    expect(isIn("user\nhunter2\n", "user\r\nhunter2")).toBe(true);
    expect(isIn("user\nhunter2\n", "user of the machine")).toBe(false);
  });
});

test("what is too short is not looked for", () => {
  expect(secretForms("yes")).toEqual([]);
  expect(secretForms("")).toEqual([]);
});
