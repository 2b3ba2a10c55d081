import { WorkerRoutes } from "@farhand/protocol";
import { problem } from "./problem.ts";

const exists: ReadonlySet<string> = new Set([
  `GET ${WorkerRoutes.assignment}`,
  `POST ${WorkerRoutes.events}`,
  `POST ${WorkerRoutes.deltas}`,
  `GET ${WorkerRoutes.inbox}`,
  `POST ${WorkerRoutes.messages}`,
  `GET ${WorkerRoutes.answer}`,
  `GET ${WorkerRoutes.attachment}`,
  `PUT ${WorkerRoutes.output}`,
  "POST /v1/messages",
  "POST /v1/messages/count_tokens",
  "GET /v1/models",
  `GET ${WorkerRoutes.git}/info/refs`,
  `POST ${WorkerRoutes.git}/git-upload-pack`,
  `POST ${WorkerRoutes.git}/git-receive-pack`,
]);

/** Paths of real routes need no more than this; a percent sign or a doubled slash is a try to be misread. */
const PLAIN_PATH = /^(\/[A-Za-z0-9_.-]+)+$/;

/** The answer to a request for anything that does not exist behind a task's socket; null when it does. */
export function wall(request: Request): Response | null {
  const refusal = refusalOf(request.method, request.url);
  return refusal === null ? null : problem("policy", refusal);
}

/**
 * Why a request is refused before anybody looks at its token, or null.
 * @param url as the server gives it: `http://<host header><path>`, where dot segments are resolved already.
 */
export function refusalOf(method: string, url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const asked = `${method} ${parsed?.pathname ?? url}`;
  if (parsed === null || parsed.protocol !== "http:" || method === "CONNECT" || !isOurName(parsed.hostname)) {
    return sentence(`${method} ${url.slice(0, 200)}`);
  }
  const rawPath = url.slice(parsed.origin.length).split(/[?#]/, 1)[0] ?? "";
  if (!PLAIN_PATH.test(parsed.pathname) || rawPath !== parsed.pathname || !exists.has(asked)) {
    return sentence(asked.slice(0, 200));
  }
  return null;
}

/**
 * A name without a dot, or loopback. Whoever sends another host's name takes the gateway for a proxy, and an
 * answer of ours would pass for that host's.
 */
function isOurName(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "[::1]" || /^[a-z0-9-]+$/i.test(hostname);
}

function sentence(asked: string): string {
  return (
    `"${asked}" does not exist in this sandbox. This is policy, not a fault: trying again or in another way will not ` +
    "help. What exists: the task's own git repository " +
    `(${WorkerRoutes.git}: clone, fetch, push of the task's branch), the model (POST /v1/messages, ` +
    "POST /v1/messages/count_tokens, GET /v1/models), and the worker's own calls under /farhand/v1/."
  );
}
