import { CgiProcess } from "./cgi-process.ts";
import { cgiEnvironment } from "./environment.ts";
import type { GitHttpOptions } from "./options.ts";
import { routeOf } from "./route.ts";

export type { GitHttpOptions } from "./options.ts";

/**
 * Answers one request of git's smart HTTP protocol by running `git http-backend` on a bare repository.
 * Both directions stream; git is ended when the client goes away. Only the three smart routes exist, and
 * anything else is 404. Who may call is the caller's to decide. Throws when git is not installed.
 */
export async function serveGit(request: Request, options: GitHttpOptions): Promise<Response> {
  const { onEnd } = options;
  let isRunning = false;
  try {
    const route = routeOf(request, options.pathInfo);
    if (route === null) return text(404, "There is nothing here.\n");
    if (route.service === "git-receive-pack" && !options.allowPush) {
      return text(403, "Pushing to this repository is not allowed.\n");
    }
    const signals = options.signal === undefined ? [request.signal] : [request.signal, options.signal];
    const signal = AbortSignal.any(signals);
    if (signal.aborted) return text(499, "The client has gone.\n");
    const run = new CgiProcess(cgiEnvironment(request, route, options), options);
    isRunning = true;
    void run.ended.then(onEnd);
    return await run.answer(request.body, signal);
  } finally {
    if (!isRunning) onEnd?.();
  }
}

function text(status: number, body: string): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" },
  });
}
