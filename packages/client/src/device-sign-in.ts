import { z } from "zod";
import { ApiError, problem } from "./api-error.ts";
import { pause } from "./pause.ts";
import { askOAuth, OAuthError, type StoredTokens, tokensFor } from "./token-source.ts";

export interface DeviceCode {
  /** What the person compares. */
  userCode: string;
  /** Where they approve it. */
  url: string;
  deviceCode: string;
  intervalMs: number;
  expiresAtMs: number;
}

const Answer = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.number(),
  interval: z.number(),
});

/** Begins to sign in a program that has no browser of its own (RFC 8628). */
export async function askForDeviceCode(
  baseUrl: string,
  clientId: string,
  signal?: AbortSignal,
): Promise<DeviceCode> {
  const answer = await askOAuth(
    (body) => Answer.safeParse(body).data ?? null,
    baseUrl,
    "/device/code",
    { client_id: clientId },
    signal ? { signal } : {},
  );
  const code = answer.user_code;
  return {
    userCode: `${code.slice(0, 4)}-${code.slice(4)}`,
    url: answer.verification_uri_complete,
    deviceCode: answer.device_code,
    intervalMs: answer.interval * 1000,
    expiresAtMs: Date.now() + answer.expires_in * 1000,
  };
}

/**
 * Waits until somebody has approved the code.
 *
 * @param options.userAgent what the person will see of the program among their devices
 * @throws ApiError when they have not, or it took too long
 */
export async function waitForApproval(
  baseUrl: string,
  clientId: string,
  code: DeviceCode,
  options: { signal?: AbortSignal; userAgent?: string } = {},
): Promise<StoredTokens> {
  const { signal, userAgent } = options;
  let waitMs = code.intervalMs;
  for (;;) {
    await pause(waitMs, signal);
    signal?.throwIfAborted();
    try {
      return await tokensFor(
        baseUrl,
        {
          grant_type: "urn:ietf:params:oauth:grant-type:device_code",
          device_code: code.deviceCode,
          client_id: clientId,
        },
        userAgent,
      );
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      // RFC 8628: five seconds more each time.
      if (error.code === "slow_down") waitMs += 5000;
      else if (error.code !== "authorization_pending") throw refusal(error);
    }
    if (Date.now() > code.expiresAtMs) throw refusal(new OAuthError("expired_token", "expired"));
  }
}

function refusal(error: OAuthError): ApiError {
  const isDenied = error.code === "access_denied";
  return new ApiError(
    problem(
      401,
      "unauthorized",
      isDenied ? "The code was turned away." : "Nobody approved the code in time.",
      "Run the command again to get a new one.",
    ),
    { cause: error },
  );
}
