import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks at every ref of a push before any is changed. Runs with the coordinator's rights, so it takes the
 * pushed names as data only. FARHAND_BRANCH is set by the gateway.
 */
const PRE_RECEIVE = `#!/bin/sh
refused=0
while read -r old new ref; do
  case "$ref" in
    "refs/heads/$FARHAND_BRANCH" | refs/farhand/?*) ;;
    *)
      echo "policy: only $FARHAND_BRANCH can be pushed from here" >&2
      refused=1
      ;;
  esac
  case "$new" in
    *[!0]*) ;;
    *)
      echo "policy: nothing can be deleted from here" >&2
      refused=1
      ;;
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
