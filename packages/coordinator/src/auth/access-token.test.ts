import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { z } from "zod";
import { signInCommandLine, statusWith } from "../../test/oauth-client.ts";
import { openSignInWorld, type SignInWorld } from "../../test/sign-in-world.ts";

const Jwks = z.object({ keys: z.array(z.looseObject({ x: z.string() })).min(1) });

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (text: string | undefined) => JSON.parse(Buffer.from(text ?? "", "base64url").toString());

async function signedIn(world: SignInWorld) {
  const { access_token } = await signInCommandLine(world, await world.ownersBrowser());
  const [head, body, signature] = access_token.split(".");
  return { token: access_token, header: decoded(head), payload: decoded(body), head, body, signature };
}

describe("an access token", () => {
  test("is an EdDSA JWT of this server for its API, for minutes", async () => {
    await using world = await openSignInWorld();
    const { header, payload } = await signedIn(world);
    expect(header).toMatchObject({ alg: "EdDSA", typ: "at+jwt" });
    expect(payload).toMatchObject({ iss: world.url, aud: "urn:farhand:api", sub: "u_owner" });
    expect(payload.exp - payload.iat).toBeLessThanOrEqual(15 * 60);
  });

  test("that was changed, or is signed in any other way, opens nothing", async () => {
    await using world = await openSignInWorld();
    const { token, header, payload, head, body, signature } = await signedIn(world);
    expect(await statusWith(world, token)).toBe(200);
    const { keys } = Jwks.parse(await (await fetch(`${world.url}/api/auth/jwks`)).json());
    const hmac = (secret: string) => {
      const start = `${part({ ...header, alg: "HS256" })}.${body}`;
      return `${start}.${createHmac("sha256", secret).update(start).digest("base64url")}`;
    };
    const foreign = await generateKeyPair("EdDSA", { extractable: true });
    const own = { ...(await exportJWK(foreign.publicKey)), alg: "EdDSA" };
    const forged = (headerFields: object) =>
      new SignJWT(payload).setProtectedHeader({ ...header, ...headerFields }).sign(foreign.privateKey);
    const attempts: Record<string, string> = {
      "alg none": `${part({ ...header, alg: "none" })}.${body}.`,
      "alg None": `${part({ ...header, alg: "None" })}.${body}.`,
      "no signature": `${head}.${body}.`,
      "HS256 with the public key": hmac(keys[0]?.x ?? ""),
      "HS256 with the public key as JSON": hmac(JSON.stringify(keys[0])),
      "another user": `${head}.${part({ ...payload, sub: "u_somebody" })}.${signature}`,
      "a later end": `${head}.${part({ ...payload, exp: payload.exp + 3600 })}.${signature}`,
      "another key under our key's name": await forged({}),
      "another key that it brings along": await forged({ jwk: own }),
      "another key at an address": await forged({ jku: "http://127.0.0.1:1/jwks", kid: "theirs" }),
      "a critical header": await forged({ crit: ["exp"], exp: 1 }).catch(() => "x.y.z"),
      "the refresh token's form": "fhr_abc",
      nothing: "",
      dots: "..",
    };
    for (const [name, attempt] of Object.entries(attempts))
      expect([name, await statusWith(world, attempt)]).toEqual([name, 401]);
  });

  test("of our own key for another audience, issuer, kind or time opens nothing", async () => {
    await using world = await openSignInWorld();
    const { payload } = await signedIn(world);
    const ask = async (change: object, type = "at+jwt") => {
      const token = await world.sign({ ...payload, ...change }, type);
      return statusWith(world, token);
    };
    expect(await ask({})).toBe(200);
    const now = Math.floor(Date.now() / 1000);
    const changes: object[] = [
      { aud: "urn:other:api" },
      { aud: world.url },
      { aud: [] },
      { iss: "http://127.0.0.1:1" },
      { iss: `${world.url}/` },
      { exp: now - 1 },
      { nbf: now + 600 },
      { sub: "u_nobody" },
      { sub: "" },
      { farhand_grant: undefined },
      { farhand_grant: "g_nobody" },
      { farhand_grant: { $ne: null } },
    ];
    for (const change of changes) expect([change, await ask(change)]).toEqual([change, 401]);
    // An ID token or any other kind is no access token.
    expect(await ask({}, "JWT")).toBe(401);
  });

  test("ends with its minutes", async () => {
    await using world = await openSignInWorld();
    const { token } = await signedIn(world);
    world.drift.ms = 15 * 60_000 + 1000;
    expect(await statusWith(world, token)).toBe(401);
  });

  test("is of no use next to a cookie: whoever names a token is judged by it", async () => {
    await using world = await openSignInWorld();
    const browser = await world.ownersBrowser();
    const answer = await browser.ask("/api/me", { headers: { authorization: "Bearer nonsense" } });
    expect(answer.status).toBe(401);
  });
});
