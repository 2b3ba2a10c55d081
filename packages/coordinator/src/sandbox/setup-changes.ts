import type Docker from "dockerode";
import { z } from "zod";
import type { EngineCall } from "./docker-workspace.ts";

/** What a container has done to its image's files. Null is how the engine writes none. */
const Changes = z.array(z.object({ Path: z.string(), Kind: z.number() })).nullable();
const REMOVED = 2;

/** Paths of what a container has added or changed, without the slash that they begin with. */
export async function changedPaths(call: EngineCall, container: Docker.Container): Promise<string[]> {
  const changes = Changes.parse(await call<unknown>(container.changes())) ?? [];
  return changes.filter(({ Kind }) => Kind !== REMOVED).map(({ Path }) => Path.replace(/^\/+/, ""));
}
