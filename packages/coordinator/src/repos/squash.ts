import type { Git } from "./git.ts";

/** Holds the last one, so that tidying up leaves it: the next is built on it. */
const SQUASHED_REF = "refs/farhand/squashed";

/** Most commits whose subjects stand in the message. */
const MOST_SUBJECTS = 50;
const SUBJECT_MAX_CHARACTERS = 200;

/**
 * One commit with the files of `to`, whose only parent is `from`: what lies between them stays here. It is made of
 * nothing but the two, authors and times too, so that the same two give the same commit however often it is made.
 *
 * @returns `from` itself where both have the same files
 */
export async function squash(
  git: Git,
  { repository, from, to }: { repository: string; from: string; to: string },
): Promise<string> {
  const [tree, author, committer] = await identify(git, repository, to);
  const [treeBefore] = await identify(git, repository, from);
  if (tree === treeBefore) return from;
  const lines = [`tree ${tree}`, `parent ${from}`, `author ${author}`, `committer ${committer}`, ""];
  const message = messageOf(await subjectsOf(git, repository, { from, to, treeBefore }));
  const commit = await git.read({
    repository,
    args: ["hash-object", "-t", "commit", "-w", "--stdin"],
    stdin: Buffer.from(`${[...lines, message].join("\n")}\n`),
  });
  await git.read({ repository, args: ["update-ref", SQUASHED_REF, commit] });
  return commit;
}

async function identify(git: Git, repository: string, commit: string): Promise<string[]> {
  const format = "--format=%T%n%an <%ae> %ad%n%cn <%ce> %cd";
  const args = ["log", "-1", "--encoding=UTF-8", "--no-mailmap", "--date=raw", format, commit, "--"];
  return (await git.read({ repository, args })).split("\n");
}

/**
 * Of what came since the files were those of `treeBefore`, the oldest first: `from` itself may be a commit in place of
 * others, and those have had their line in its message.
 */
async function subjectsOf(
  git: Git,
  repository: string,
  { from, to, treeBefore }: { from: string; to: string; treeBefore: string | undefined },
): Promise<string[]> {
  const args = ["log", "--encoding=UTF-8", "--format=%T %s", `--max-count=${MOST_SUBJECTS}`];
  const listed = (await git.read({ repository, args: [...args, `${from}..${to}`, "--"] })).split("\n");
  const known = listed.findIndex((line) => line.split(" ", 1)[0] === treeBefore);
  return (known < 0 ? listed : listed.slice(0, known))
    .map((line) => line.slice(line.indexOf(" ") + 1).trim())
    .filter((subject) => subject !== "")
    .map((subject) => [...subject].slice(0, SUBJECT_MAX_CHARACTERS).join(""))
    .toReversed();
}

function messageOf(subjects: readonly string[]): string {
  const [first = "Put the work together", ...others] = subjects;
  return [
    first,
    "",
    ...others.map((subject) => `* ${subject}`),
    ...(others.length > 0 ? [""] : []),
    "One commit in place of several: some of them changed what the forge runs by itself, which was taken back.",
  ].join("\n");
}
