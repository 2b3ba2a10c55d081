import { serveGit } from "@farhand/git-http";
import { WorkerRoutes } from "@farhand/protocol";
import type { DoorCaps } from "./door-caps.ts";
import type { Passage } from "./fence.ts";
import type { GatewayPorts } from "./ports.ts";
import { busy, problem } from "./problem.ts";
import { BRANCH_VARIABLE, TURN_VARIABLE } from "./push-policy.ts";
import type { Turnstile } from "./turnstile.ts";

/** Largest pack that one push may bring, in bytes: 2 GiB. git itself refuses the rest with a sentence. */
const PACK_MAX_BYTES = 2 * 1024 ** 3;

/** Largest body of a push: the pack and the list of refs before it. */
export const GIT_PUSH_MAX_BYTES = PACK_MAX_BYTES + 16 * 1024 ** 2;

/**
 * The rules under which git serves a task's repository. Given on every call and above the repository's own
 * configuration, so that there is no file in which to weaken them.
 */
function rules(hooksDirectory: string, roomBytes: number): Record<string, string> {
  return {
    "core.hooksPath": hooksDirectory,
    "transfer.fsckObjects": "true",
    // Zero would be no limit at all.
    "receive.maxInputSize": String(Math.max(1, Math.min(PACK_MAX_BYTES, roomBytes))),
    "receive.denyDeletes": "true",
    // Holds for branches; checkpoints, which are none, may be forced.
    "receive.denyNonFastForwards": "true",
    "receive.autogc": "false",
    "gc.auto": "0",
    "uploadpack.allowFilter": "true",
    // So that large files and many of them go within the bound on memory: in pieces, and by few threads.
    "core.bigFileThreshold": "32m",
    "core.deltaBaseCacheLimit": "64m",
    "pack.threads": "2",
    "pack.windowMemory": "64m",
    "pack.deltaCacheSize": "64m",
  };
}

interface GitCall {
  ports: GatewayPorts;
  request: Request;
  passage: Passage;
  turnstile: Turnstile;
  hooksDirectory: string;
  caps: DoorCaps;
}

/**
 * Serves clone, fetch and push of the task's own repository. Each call is a few processes, so a few run at once, and one
 * whose caller falls silent is ended.
 */
export async function serveTaskGit(call: GitCall): Promise<Response> {
  const { ports, request, passage, turnstile, hooksDirectory, caps } = call;
  const place = await turnstile.enter(passage.signal);
  if (place === null) return busy("Too many calls of git are under way and waiting at once.");
  let response: Response;
  try {
    const { path, branch, turn, roomBytes } = await ports.repository(passage.claim);
    const pathInfo = new URL(request.url).pathname.slice(WorkerRoutes.git.length);
    const isPush = pathInfo === "/git-receive-pack";
    response = await serveGit(request, {
      repositoryPath: path,
      pathInfo,
      allowPush: true,
      env: { [BRANCH_VARIABLE]: branch, [TURN_VARIABLE]: String(turn) },
      // How much a repository holds is looked up for pushes alone: that reads all of its folder.
      config: rules(hooksDirectory, isPush ? await roomBytes() : 0),
      remoteUser: `attempt-${passage.claim.attempt}`,
      signal: passage.signal,
      stallMs: caps.stallMs,
      maxMemoryBytes: isPush ? caps.pushMemoryBytes : caps.fetchMemoryBytes,
      onEnd: place.leave,
    });
  } catch (error) {
    place.leave();
    throw error;
  }
  if (response.status !== 404) return response;
  await response.body?.cancel();
  return problem("policy", "Only git's smart protocol is served here, to git clients.");
}
