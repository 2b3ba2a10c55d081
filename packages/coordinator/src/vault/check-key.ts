import type { KeyPurpose } from "@farhand/protocol";
import { z } from "zod";
import { FarhandError } from "../domain/failure.ts";
import type { Fetch } from "./guarded-fetch.ts";

const TIMEOUT_MS = 10_000;
const BODY_MAX_BYTES = 64 * 1024;
const SENTENCE_MAX = 300;

export interface TriedKey {
  purpose: KeyPurpose;
  /** Where the API is: of a GitHub that is not where its pages are. */
  apiUrl: string;
  secret: string;
  /** A model to name where the API has no list of them. */
  model: string;
}

export interface CheckResult {
  check: "ok" | "refused" | "unreachable";
  /** What to tell the user, in a sentence, with the service's own words where it gave some. */
  message: string;
}

/** Tries a key with a call that costs nothing. Never rejects but for an address that may not be reached. */
export async function checkKey(key: TriedKey, fetch: Fetch): Promise<CheckResult> {
  const { host } = new URL(key.apiUrl);
  try {
    for (const call of callsFor(key)) {
      const answer = await ask(call, fetch);
      if (answer.status === 404 || answer.status === 405) continue;
      return judge(answer, host, key);
    }
    return {
      check: "unreachable",
      message: `${host} answers, but not as the API that the key is for. Is the address right?`,
    };
  } catch (error) {
    if (error instanceof FarhandError) throw error;
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    const reason = error instanceof Error ? firstSentence(error.message) : "unknown reason";
    return {
      check: "unreachable",
      message: `${host} cannot be reached: ${timedOut ? "it did not answer in 10 seconds" : clean(reason, key.secret)}`,
    };
  }
}

interface Call {
  url: string;
  init: { method: string; headers: Record<string, string>; body?: string };
}

/** The next one is for services that do not have the one before. */
function callsFor({ purpose, apiUrl, secret, model }: TriedKey): Call[] {
  const get = (path: string, headers: Record<string, string>): Call => ({
    url: `${apiUrl}${path}`,
    init: { method: "GET", headers: { accept: "application/json", "user-agent": "farhand", ...headers } },
  });
  switch (purpose) {
    case "github":
      return [get("/user", { authorization: `Bearer ${secret}` })];
    case "gitlab":
      return [get("/api/v4/user", { "private-token": secret })];
    case "model": {
      const headers = { "x-api-key": secret, "anthropic-version": "2023-06-01" };
      const { url, init } = get("/v1/messages/count_tokens", headers);
      const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
      const count: Call = {
        url,
        init: { method: "POST", headers: { ...init.headers, "content-type": "application/json" }, body },
      };
      return [get("/v1/models?limit=1", headers), count];
    }
  }
}

interface Answer {
  status: number;
  scopes: string | null;
  body: unknown;
}

async function ask({ url, init }: Call, fetch: Fetch): Promise<Answer> {
  const response = await fetch(url, {
    ...init,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await start(response);
  return { status: response.status, scopes: response.headers.get("x-oauth-scopes"), body: parsed(text) };
}

function judge({ status, scopes, body }: Answer, host: string, { purpose, secret }: TriedKey): CheckResult {
  const said = clean(sentenceIn(body), secret);
  if (status >= 200 && status < 300) {
    const login = clean(
      Login.safeParse(body).data?.login ?? Login.safeParse(body).data?.username ?? "",
      secret,
    );
    const whose = login === "" ? "" : `, as that of ${login}`;
    const lacks =
      purpose === "github" && scopes !== null && !/(^|[\s,])repo([\s,]|$)/.test(scopes)
        ? " It has not the scope repo, so it may be unable to push."
        : "";
    return { check: "ok", message: `${host} takes the key${whose}.${lacks}` };
  }
  if (status === 401 || status === 403)
    return { check: "refused", message: `${host} does not take the key${said ? `: ${said}` : "."}` };
  return {
    check: "unreachable",
    message: `${host} answered with status ${status}${said ? `: ${said}` : "."}`,
  };
}

const Login = z.object({ login: z.string().optional(), username: z.string().optional() });
const Said = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ error_description: z.string() }).transform(({ error_description }) => error_description),
  z.object({ error: z.string() }).transform(({ error }) => error),
]);

const sentenceIn = (body: unknown): string => Said.safeParse(body).data ?? "";

/** Bun adds advice to programmers. */
const firstSentence = (text: string) => text.replace(/\.? For more information, pass `verbose.*$/s, "");

/** One line, short, and without the key, which a service may repeat. */
function clean(text: string, secret: string): string {
  return text
    .replaceAll(secret, "[redacted]")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, SENTENCE_MAX);
}

/** The body's first bytes: nobody who answers with more has anything to say here. */
async function start(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes > BODY_MAX_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
