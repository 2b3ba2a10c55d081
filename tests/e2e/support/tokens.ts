import { z } from "zod";

const CLIENT_ID = "farhand-cli";
const Code = z.object({ device_code: z.string(), user_code: z.string() });
const Tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

/**
 * Signs a browser in by a link and a command line by that browser, without either program.
 *
 * @param link one that signs its person in
 * @returns all that was handed out on the way, by name
 */
export async function takeTokens(url: string, link: string): Promise<Record<string, string>> {
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: url, ...headers },
      body: new URLSearchParams(fields),
    });
  const opened = await post("/link", { token: new URL(link).searchParams.get("token") ?? "" });
  const cookie = opened.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const code = Code.parse(await (await post("/api/auth/device/code", { client_id: CLIENT_ID })).json());
  await post("/device", { user_code: code.user_code, decision: "approve" }, { cookie });
  const answer = await post("/api/auth/oauth2/token", {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: code.device_code,
    client_id: CLIENT_ID,
  });
  const { access_token, refresh_token } = Tokens.parse(await answer.json());
  const value = cookie.slice(cookie.indexOf("=") + 1);
  return {
    cookie: value,
    // The database holds what stands before the dot: without the signature behind it, it opens nothing.
    "cookie's signature": decodeURIComponent(value).split(".")[1] ?? "",
    "access token": access_token,
    "refresh token": refresh_token,
    "refresh token without its prefix": refresh_token.replace("fhr_", ""),
  };
}
