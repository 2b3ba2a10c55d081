import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createECDH, generateKeyPairSync, randomBytes } from "node:crypto";
import { decrypt } from "./web-push-message.ts";
import { startWebPushService, type WebPushService } from "./web-push-service.ts";

let service: WebPushService;
beforeEach(async () => {
  service = await startWebPushService();
});
afterEach(() => service[Symbol.asyncDispose]());

/** A sender's keys, and a token of theirs. */
async function sender() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const publicKey = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("base64url");
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = async (claims: object = {}, header: object = {}) => {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const signed = `${part({ typ: "JWT", alg: "ES256", ...header })}.${part({ aud: service.url, exp, sub: "mailto:a@example.com", ...claims })}`;
    const signature = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      pair.privateKey,
      new TextEncoder().encode(signed),
    );
    return `${signed}.${Buffer.from(signature).toString("base64url")}`;
  };
  return { publicKey, token };
}

test("the example of RFC 8291, appendix A, is read as it says", () => {
  const keys = createECDH("prime256v1");
  keys.setPrivateKey("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "base64url");
  const body = Buffer.from(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    "base64url",
  );
  const auth = Buffer.from("BTBZMqHH6r4Tts7J_aSIgg", "base64url");
  expect(decrypt(body, { keys, auth })).toBe("When I grow up, I want to be a watermelon");
  expect(() => decrypt(body, { keys, auth: randomBytes(16) })).toThrow("not for this subscription");
});

describe("a message is refused", () => {
  const post = (
    endpoint: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer> = new Uint8Array(200),
  ) => fetch(endpoint, { method: "POST", headers, body });

  test("without VAPID, of another key, for another service, expired, unsigned, or from nobody", async () => {
    const { publicKey, token } = await sender();
    const other = await sender();
    const { endpoint } = service.subscribe(publicKey);
    const status = async (authorization: string) =>
      (await post(endpoint, { authorization, ttl: "60" })).status;
    expect((await post(endpoint, { ttl: "60" })).status).toBe(401);
    const now = Math.floor(Date.now() / 1000);
    const [head, payload] = (await token()).split(".");
    for (const bad of [
      `vapid t=${await other.token()}, k=${other.publicKey}`,
      `vapid t=${await other.token()}, k=${publicKey}`,
      `vapid t=${await token({ aud: "https://elsewhere.example.com" })}, k=${publicKey}`,
      `vapid t=${await token({ exp: now - 10 })}, k=${publicKey}`,
      `vapid t=${await token({ exp: now + 90_000 })}, k=${publicKey}`,
      `vapid t=${await token({ sub: "me" })}, k=${publicKey}`,
      `vapid t=${await token({}, { alg: "none" })}, k=${publicKey}`,
      `vapid t=${head}.${payload}.${Buffer.alloc(64).toString("base64url")}, k=${publicKey}`,
      `vapid t=${head}.${payload}, k=${publicKey}`,
    ])
      expect(await status(bad)).toBe(403);
    expect(service.messages).toEqual([]);
  });

  test("without a TTL, too large, in another encoding, with a topic that is none, or when it cannot be read", async () => {
    const { publicKey, token } = await sender();
    const { endpoint } = service.subscribe(publicKey);
    const good = {
      authorization: `vapid t=${await token()}, k=${publicKey}`,
      ttl: "60",
      "content-encoding": "aes128gcm",
    };
    const { ttl: _, ...withoutTtl } = good;
    expect((await post(endpoint, withoutTtl)).status).toBe(400);
    expect((await post(endpoint, good, new Uint8Array(4097))).status).toBe(413);
    expect((await post(endpoint, { ...good, "content-encoding": "aesgcm" })).status).toBe(415);
    expect((await post(endpoint, { ...good, topic: "x".repeat(33) })).status).toBe(400);
    expect((await post(endpoint, { ...good, urgency: "now" })).status).toBe(400);
    expect((await post(endpoint, good)).status).toBe(400);
    expect(service.messages).toEqual([]);
  });

  test("to a subscription that was taken back, or never was", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = publicKey.export({ format: "der", type: "spki" }).subarray(-65).toString("base64url");
    const subscription = service.subscribe(key);
    service.unsubscribe(subscription);
    expect((await post(subscription.endpoint, {})).status).toBe(410);
    expect((await post(`${service.url}/push/none`, {})).status).toBe(404);
  });
});
