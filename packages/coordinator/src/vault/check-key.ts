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
  /** A model key that goes as `Authorization: Bearer`, not as `x-api-key`. */
  isBearer: boolean;
  /** A model to name where the service lists none. */
  model: string;
}

export interface CheckResult {
  check: "ok" | "refused" | "unreachable";
  /** What to tell the user, in a sentence, with the service's own words where it gave some. */
  message: string;
}

/** Tries a key with the cheapest call that needs it: nearly always one that costs nothing. Never rejects but for an address that may not be reached. */
export async function checkKey(key: TriedKey, fetch: Fetch): Promise<CheckResult> {
  const { host } = new URL(key.apiUrl);
  try {
    if (key.purpose === "model") return await checkModelKey(key, host, fetch);
    const answer = await ask(whoseIsIt(key), fetch);
    return isMissing(answer) ? anotherService(host, "Is the address right?") : judge(answer, host, key);
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

/**
 * A list of models proves nothing: many services give it to everybody. Counting tokens needs the key and costs nothing; a
 * service that cannot is asked for one token.
 */
async function checkModelKey(key: TriedKey, host: string, fetch: Fetch): Promise<CheckResult> {
  const counted = await ask(post(key, "/v1/messages/count_tokens", hello(key.model)), fetch);
  if (!isMissing(counted))
    return judge(counted, host, key, "It counted tokens with it, which costs nothing.");
  const list = await ask(get(key, "/v1/models?limit=1", modelHeaders(key)), fetch);
  if (list.status === 401 || list.status === 403) return judge(list, host, key);
  const model = ModelList.safeParse(list.body).data?.data[0]?.id ?? key.model;
  const answered = await ask(post(key, "/v1/messages", { ...hello(model), max_tokens: 1 }), fetch);
  if (!isMissing(answered))
    return judge(
      answered,
      host,
      key,
      "It cannot count tokens, so it answered with one token, which it may bill.",
    );
  if (list.status === 200)
    return anotherService(host, "It lists models, but has no messages for the key to be tried with.");
  return anotherService(host, "Is the address right? It is that before /v1/messages.");
}

function whoseIsIt(key: TriedKey): Call {
  return key.purpose === "gitlab"
    ? get(key, "/api/v4/user", { "private-token": key.secret })
    : get(key, "/user", { authorization: `Bearer ${key.secret}` });
}

const get = ({ apiUrl }: TriedKey, path: string, headers: Record<string, string>): Call => ({
  url: `${apiUrl}${path}`,
  init: { method: "GET", headers: { accept: "application/json", "user-agent": "farhand", ...headers } },
});

function post(key: TriedKey, path: string, body: object): Call {
  const { url, init } = get(key, path, { ...modelHeaders(key), "content-type": "application/json" });
  return { url, init: { ...init, method: "POST", body: JSON.stringify(body) } };
}

const modelHeaders = ({ secret, isBearer }: TriedKey): Record<string, string> => ({
  ...(isBearer ? { authorization: `Bearer ${secret}` } : { "x-api-key": secret }),
  "anthropic-version": "2023-06-01",
});

const hello = (model: string) => ({ model, messages: [{ role: "user", content: "Hello" }] });

const ModelList = z.object({ data: z.array(z.object({ id: z.string().max(200) })) });

const isMissing = ({ status }: Answer) => status === 404 || status === 405 || status === 501;

const anotherService = (host: string, what: string): CheckResult => ({
  check: "unreachable",
  message: `${host} answers, but not as the API that the key is for. ${what}`,
});

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

/** @param how says how a model key was tried */
function judge(
  { status, scopes, body }: Answer,
  host: string,
  { purpose, secret }: TriedKey,
  how = "",
): CheckResult {
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
    return { check: "ok", message: `${host} takes the key${whose}.${lacks} ${how}`.trim() };
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
