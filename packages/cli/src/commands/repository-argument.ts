import { resolve } from "node:path";

/** A path on this machine becomes absolute, since the coordinator runs in another folder; addresses stay. */
export function repositoryArgument(given: string, cwd: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(given);
  const isScpLike = /^[^/\s]+@[^/\s:]+:/.test(given);
  return isUrl || isScpLike ? given : resolve(cwd, given);
}
