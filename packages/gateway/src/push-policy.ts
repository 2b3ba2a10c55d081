import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks at every ref of a push before any is changed: the task's branch, the live checkpoint and that of the current
 * turn may be pushed, and only commits. Earlier turns stay as they were: people go back to them. That the branch is never forced is git's own rule (`receive.denyNonFastForwards` is
 * about branches alone). Runs with the coordinator's rights, so it takes the pushed names as data only.
 * FARHAND_BRANCH and FARHAND_TURN are set by the gateway.
 */
const PRE_RECEIVE = `#!/bin/sh
refused=0
refuse() {
  printf 'policy: %s\\n' "$1" >&2
  refused=1
}
while read -r old new ref; do
  case "$ref" in
    "refs/heads/$FARHAND_BRANCH" | refs/farhand/live | "refs/farhand/turns/$FARHAND_TURN") ;;
    refs/farhand/turns/*) refuse "only the checkpoint of turn $FARHAND_TURN can be pushed from here" ;;
    *) refuse "only $FARHAND_BRANCH can be pushed from here" ;;
  esac
  case "$new" in
    *[!0]*)
      [ "$(git cat-file -t "$new" </dev/null)" = commit ] || refuse "only commits can be pushed from here"
      ;;
    *) refuse "nothing can be deleted from here" ;;
  esac
done
exit "$refused"
`;

/** Names of the environment variables that tell the hook what may be pushed. */
export const BRANCH_VARIABLE = "FARHAND_BRANCH";
export const TURN_VARIABLE = "FARHAND_TURN";

/** Writes the hook into a folder that no sandbox sees and no repository can change. */
export async function writePushHook(hooksDirectory: string): Promise<void> {
  await mkdir(hooksDirectory, { recursive: true });
  const path = join(hooksDirectory, "pre-receive");
  const fresh = `${path}.${process.pid}.tmp`;
  await writeFile(fresh, PRE_RECEIVE, { mode: 0o755 });
  await chmod(fresh, 0o755);
  await rename(fresh, path);
}
