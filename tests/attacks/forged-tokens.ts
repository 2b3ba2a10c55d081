import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import type { PublicGround } from "./public-ground.ts";
import { decode, encode, serversSigner, signerWith } from "./signing-key.ts";

export const withToken = async (ground: PublicGround, token: string) =>
  (await ground.visitor().ask("/api/me", { headers: { authorization: `Bearer ${token}`, cookie: "" } }))
    .status;

/** A good token of the member's, in every way in which it could be made another one. */
export async function tampered(
  ground: PublicGround,
  token: string,
): Promise<[name: string, token: string][]> {
  const [head, body, signature] = token.split(".");
  const header = decode(head);
  const claims = decode(body);
  const keys = await (await ground.visitor().ask("/api/auth/jwks")).text();
  const own = generateKeyPairSync("ed25519");
  const resigned = signerWith(own.privateKey);
  const hmac = (secret: string) => {
    const text = `${encode({ ...header, alg: "HS256" })}.${body}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const owner = { ...claims, sub: "u_owner" };
  const later = { ...claims, exp: Math.floor(Date.now() / 1000) + 86_400 * 365 };
  return [
    ["alg none", `${encode({ ...header, alg: "none" })}.${encode(owner)}.`],
    ["alg None with its signature", `${encode({ ...header, alg: "None" })}.${encode(owner)}.${signature}`],
    ["no alg", `${encode({ typ: "at+jwt" })}.${encode(owner)}.${signature}`],
    ["HMAC with the public keys", hmac(keys)],
    ["HMAC with nothing", hmac("")],
    ["another person", `${head}.${encode(owner)}.${signature}`],
    ["a later end", `${head}.${encode(later)}.${signature}`],
    ["a key of its own", resigned(header, owner)],
    [
      "a key of its own, in the head",
      resigned({ ...header, jwk: own.publicKey.export({ format: "jwk" }) }, owner),
    ],
    ["keys from an address", resigned({ ...header, jku: "http://10.66.0.1:7004/keys" }, owner)],
    ["a key's id that is a path", resigned({ ...header, kid: "../../../../dev/null" }, owner)],
    ["no signature", `${head}.${body}.`],
    ["half a signature", `${head}.${body}.${signature?.slice(0, 40)}`],
    ["two signatures", `${token}.${signature}`],
    ["the refresh token", ground.used.old.refresh_token],
  ];
}

/** Tokens that the server itself has signed, for another purpose or another time. */
export async function misused(ground: PublicGround, token: string): Promise<[name: string, token: string][]> {
  const [head, body] = token.split(".");
  const header = decode(head);
  const claims = decode(body);
  const signed = await serversSigner(ground.world.settings.FARHAND_DATA ?? "");
  if ((await withToken(ground, signed(header, claims))) !== 200)
    throw new Error("a token signed with the server's own key is refused as it is");
  const now = Math.floor(Date.now() / 1000);
  const changes: [name: string, change: object][] = [
    ["another audience", { aud: "urn:other" }],
    ["the server's address for an audience", { aud: ground.url }],
    ["no audience", { aud: undefined }],
    ["another issuer", { iss: "https://evil.example" }],
    ["expired", { exp: now - 1 }],
    ["expired long ago", { exp: 1 }],
    ["without an end", { exp: undefined }],
    ["not yet good", { nbf: now + 600 }],
    ["nobody's", { sub: "u_nobody" }],
    ["of a sign-in that is none", { farhand_grant: "g_nobody" }],
  ];
  return [
    ...changes.map(([name, change]): [string, string] => [name, signed(header, { ...claims, ...change })]),
    ["an ID token", signed({ ...header, typ: "JWT" }, claims)],
  ];
}

/** What a server would take that looks at the signature and at nothing else. */
export async function takenByName(ground: PublicGround, token: string): Promise<boolean> {
  const { keys } = (await (await ground.visitor().ask("/api/auth/jwks")).json()) as { keys: object[] };
  const [head, body, signature] = token.split(".");
  return keys.some((key) =>
    verify(
      null,
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key: key as import("node:crypto").JsonWebKey, format: "jwk" }),
      Buffer.from(signature ?? "", "base64url"),
    ),
  );
}

/** What a server would take that reads a token without checking it. */
export const readsAs = (token: string) => {
  try {
    return typeof decode(token.split(".")[1]).sub === "string";
  } catch {
    return false;
  }
};
