import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks at every ref of a push before any is changed: the task's branch, the live checkpoint and those of turns may
 * be pushed, and only commits. That the branch is never forced is git's own rule (`receive.denyNonFastForwards` is
 * about branches alone). Runs with the coordinator's rights, so it takes the pushed names as data only.
 * FARHAND_BRANCH is set by the gateway.
 */
const PRE_RECEIVE = `#!/bin/sh
refused=0
refuse() {
  printf 'policy: %s\\n' "$1" >&2
  refused=1
}
while read -r old new ref; do
  case "$ref" in
    "refs/heads/$FARHAND_BRANCH" | refs/farhand/live) ;;
    refs/farhand/turns/*)
      case "\${ref#refs/farhand/turns/}" in
        "" | 0* | *[!0-9]* | ???????*) refuse "a turn's checkpoint is named by its number" ;;
      esac
      ;;
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

/** Name of the environment variable that tells the hook which branch may be pushed. */
export const BRANCH_VARIABLE = "FARHAND_BRANCH";

/** Writes the hook into a folder that no sandbox sees and no repository can change. */
export async function writePushHook(hooksDirectory: string): Promise<void> {
  await mkdir(hooksDirectory, { recursive: true });
  const path = join(hooksDirectory, "pre-receive");
  const fresh = `${path}.${process.pid}.tmp`;
  await writeFile(fresh, PRE_RECEIVE, { mode: 0o755 });
  await chmod(fresh, 0o755);
  await rename(fresh, path);
}
