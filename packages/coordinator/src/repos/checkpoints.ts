import { LIVE_REF, RESTORE_REF, turnRef } from "@farhand/protocol";
import type { Checkpoints } from "../domain/ports.ts";
import type { Git } from "./git.ts";

/** The checkpoints that stand under `refs/farhand/`. What is no commit is none, whoever pushed it. */
export async function readCheckpoints(git: Git, repository: string): Promise<Checkpoints> {
  const listing = await git.read({
    repository,
    args: ["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)", "refs/farhand/"],
  });
  let live: string | null = null;
  const turns = new Map<number, string>();
  for (const line of listing.split("\n")) {
    const [type, commit, ref] = line.split(" ");
    if (type !== "commit" || commit === undefined || ref === undefined) continue;
    if (ref === LIVE_REF) live = commit;
    const turn = Number(/\/([0-9]+)$/.exec(ref)?.[1]);
    if (ref === turnRef(turn) && turn > 0) turns.set(turn, commit);
  }
  return { live, turns };
}

export async function keepTurn(git: Git, repository: string, turn: number, commit: string): Promise<void> {
  await git.read({ repository, args: ["update-ref", turnRef(turn), commit] });
}

/** Null takes the ref away, also where there is none. */
export async function offerRestore(git: Git, repository: string, commit: string | null): Promise<void> {
  const args = commit === null ? ["-d", RESTORE_REF] : [RESTORE_REF, commit];
  await git.read({ repository, args: ["update-ref", ...args] });
}
