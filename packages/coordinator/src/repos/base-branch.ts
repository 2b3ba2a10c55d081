import { BranchName } from "@farhand/protocol";
import { failure } from "../domain/failure.ts";

/** Most branches that a message names. */
const NAMED_BRANCHES = 10;

/**
 * The branch that a task starts from: the wanted one, else the remote's default, else the one that people
 * mean. Throws `branch_not_found`.
 */
export function chooseBaseBranch(
  wanted: string | null,
  branches: ReadonlyMap<string, string>,
  headBranch: string | null,
  url: string,
): { baseBranch: string; baseCommit: string } {
  const names = [...branches.keys()];
  const only = names.length === 1 ? names[0] : undefined;
  const candidates = wanted === null ? [headBranch, "main", "master", only] : [wanted];
  for (const name of candidates) {
    const commit = name ? branches.get(name) : undefined;
    if (!name || commit === undefined) continue;
    if (!BranchName.safeParse(name).success) {
      throw failure(
        "branch_not_found",
        `The default branch of ${url}, ${JSON.stringify(name)}, has a name that Farhand does not take.`,
        "Name another branch to start from.",
      );
    }
    return { baseBranch: name, baseCommit: commit };
  }
  const listed = names.slice(0, NAMED_BRANCHES).join(", ");
  const rest = names.length > NAMED_BRANCHES ? ` and ${names.length - NAMED_BRANCHES} more` : "";
  throw failure(
    "branch_not_found",
    wanted === null
      ? `${url} does not tell which branch is its default.`
      : `There is no branch ${JSON.stringify(wanted)} in ${url}.`,
    `Choose one of its branches: ${listed}${rest}.`,
  );
}
