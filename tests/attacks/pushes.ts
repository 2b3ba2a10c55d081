import type { Attack } from "./attack.ts";
import type { WithoutWall } from "./containers.ts";
import { type ShellAttack, shellAttack } from "./shell-attack.ts";

const AREA = "push";
const BY = "the hook that the gateway gives to git";

const same: WithoutWall = () => undefined;

/** A clone whose origin is a plain repository, as any git server without our rules has it. */
const PLAIN_ORIGIN = `rm -rf /workspace/repo /workspace/origin.git /workspace/other.git
git init -q --bare -b main /workspace/origin.git && git init -q --bare -b main /workspace/other.git
git clone -q /workspace/origin.git /workspace/repo 2>/dev/null && cd /workspace/repo
git config user.name a && git config user.email a@example.com
git commit -q --allow-empty -m first && git push -q origin HEAD:main && git switch -q -c farhand/task && git push -q origin HEAD`;

const PREAMBLE = `cd /workspace/repo && branch=$(git branch --show-current)
push() { timeout 20 git push -q "$@" 2>&1 && echo "PUSHED $*"; }
git commit -q --allow-empty -m "attack"
git push -q origin "HEAD:refs/heads/$branch" && echo 'THE WAY IS OPEN'
`;

const push = (spec: Pick<ShellAttack, "name" | "script"> & Partial<ShellAttack>): Attack =>
  shellAttack({
    area: AREA,
    by: BY,
    without: same,
    prepare: () => PLAIN_ORIGIN,
    worked: (_aim, { output }) => output.includes("PUSHED"),
    ...spec,
    script: (aim) => `${PREAMBLE}\n${spec.script(aim)}`,
    proof: "THE WAY IS OPEN",
  });

/** A commit on the branch whose tree no honest git would write: one entry, made by hand. */
const commitWithTree = (entry: string) => `blob=$(echo x | git hash-object -w --stdin)
tree=$(python3 -c 'import sys; sys.stdout.buffer.write(b"${entry}\\0" + bytes.fromhex(sys.argv[1]))' "$blob" | git hash-object -t tree -w --stdin --literally)
commit=$(git commit-tree -p HEAD -m evil "$tree")`;

export const pushAttacks: Attack[] = [
  push({ name: "to the main branch", script: () => "push origin HEAD:refs/heads/main" }),
  push({ name: "a tag", script: () => "push origin HEAD:refs/tags/v1; git tag -f v2 && push origin v2" }),
  push({
    name: "a deletion",
    script: () => `push origin ":refs/heads/$branch"`,
    by: "git's own rule, given on every call",
  }),
  push({
    name: "a forced one, over what is there",
    by: "git's own rule, given on every call",
    script: () =>
      `git commit -q --amend --allow-empty -m rewritten && push --force origin "HEAD:refs/heads/$branch"; git reset -q --soft "origin/$branch" 2>/dev/null || git reset -q --soft HEAD@{1}`,
  }),
  push({
    name: "to other branches and refs",
    script: () =>
      `for ref in refs/heads/farhand/another "refs/heads/$branch/deeper" refs/heads/x refs/notes/commits refs/replace/$(git rev-parse HEAD) refs/pull/1/head refs/farhand/restore refs/farhand/other refs/original/x refs/remotes/origin/main; do push --force origin "HEAD:$ref"; done`,
  }),
  push({
    name: "another turn's checkpoint",
    script: () => `for turn in 0 1 9999; do push --force origin "HEAD:refs/farhand/turns/$turn"; done`,
  }),
  push({
    name: "all at once, mirrored",
    script: () =>
      "git branch -f further; push --mirror origin; push --all --force origin; push --atomic origin HEAD:refs/heads/main HEAD:refs/heads/x",
  }),
  push({
    name: "what is no commit",
    script: () =>
      `blob=$(echo x | git hash-object -w --stdin); push --force origin "$blob:refs/farhand/live"; push --force origin "HEAD^{tree}:refs/farhand/live"`,
  }),
  push({
    name: "trees with .git and .. in them",
    by: "fsck of all that comes in",
    script: () =>
      [".git", "..", ".GIT", "git~1"]
        .map((name) => `${commitWithTree(`100644 ${name}`)}; push origin "$commit:refs/heads/$branch"`)
        .join("\n"),
  }),
  push({
    name: "a submodule that is an option",
    by: "fsck of all that comes in",
    script: () => `git -C . hash-object -w --stdin > /tmp/blob <<'MODULES'
[submodule "x"]
	path = x
	url = --upload-pack=touch /tmp/pwned
MODULES
tree=$(printf '100644 blob %s\\t.gitmodules\\n' "$(cat /tmp/blob)" | git mktree)
push origin "$(git commit-tree -p HEAD -m evil "$tree"):refs/heads/$branch"`,
  }),
  push({
    name: "to another repository",
    by: "the gateway serves one repository to each task",
    script: () =>
      `url=$(git remote get-url origin); for other in "\${url%/*}/other.git" "\${url%/git*}/git/../other.git" "\${url%/git*}/git/t_00000000000000000000000000.git"; do push "$other" HEAD:refs/heads/main; done`,
  }),
  push({
    name: "names of refs that are commands",
    by: "the hook takes names as data",
    script: ({ arena, word }) =>
      [
        `$(echo$IFS${word}>${mark(word)})`,
        `;echo$IFS${word}>${mark(word)};`,
        `\`touch$IFS${mark(word)}\``,
        "--upload-pack=x",
        "-oProxyCommand=x",
      ]
        .map((name) => `push origin 'HEAD:refs/heads/${name}'`)
        .concat(`cat ${mark(word)} 2>/dev/null && echo RAN; true`, `# ${arena.folder}`)
        .join("\n"),
    worked: async ({ word }, { output }) =>
      /PUSHED|RAN/.test(output) || (await Bun.file(mark(word)).exists()),
    prepare: () =>
      `${PLAIN_ORIGIN}\nprintf '#!/bin/sh\\nwhile read old new ref; do sh -c "echo checking $ref"; done\\n' > /workspace/origin.git/hooks/pre-receive && chmod 755 /workspace/origin.git/hooks/pre-receive`,
  }),
];

const mark = (word: string) => `/tmp/ran-${word}`;
