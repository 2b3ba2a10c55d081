import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { CookieJar } from "./cookie-jar.ts";
import type { SignInWorld } from "./sign-in-world.ts";

export const Tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number(),
  token_type: z.string(),
});
export type Tokens = z.infer<typeof Tokens>;

const DeviceCode = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  interval: z.number(),
});

/** Sends a form to one of OAuth's addresses, as a client without cookies does. */
export function post(
  world: SignInWorld,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${world.url}/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

export async function askForCode(world: SignInWorld) {
  return DeviceCode.parse(await (await post(world, "/device/code", { client_id: "farhand-cli" })).json());
}

export const poll = (world: SignInWorld, deviceCode: string, headers: Record<string, string> = {}) =>
  post(
    world,
    "/oauth2/token",
    {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: deviceCode,
      client_id: "farhand-cli",
    },
    headers,
  );

/** Signs a command line in, with the browser that approves it. */
export async function signInCommandLine(world: SignInWorld, browser: CookieJar): Promise<Tokens> {
  const code = await askForCode(world);
  await browser.submit("/device", { user_code: code.user_code, decision: "approve" });
  return Tokens.parse(
    await (await poll(world, code.device_code, { "user-agent": "farhand-cli/1 (desk)" })).json(),
  );
}

export const refresh = (world: SignInWorld, token: string, clientId = "farhand-cli") =>
  post(world, "/oauth2/token", { grant_type: "refresh_token", refresh_token: token, client_id: clientId });

export async function refreshed(world: SignInWorld, token: string): Promise<Tokens> {
  return Tokens.parse(await (await refresh(world, token)).json());
}

/** The status with which the API answers to this token. */
export async function statusWith(world: SignInWorld, token: string): Promise<number> {
  const answer = await fetch(`${world.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  return answer.status;
}

/** The app's request, and what it keeps for the answer. */
export function appRequest(change: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "farhand-app",
    redirect_uri: "farhand://auth/callback",
    state: "the-state",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  });
  return { verifier, path: `/api/auth/oauth2/authorize?${query}` };
}
