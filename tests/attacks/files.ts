import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../e2e/support/git.ts";
import { openAgent } from "./agent.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { newWord } from "./targets.ts";

const AREA = "files";
const BAIT = "a file of the host";

/** Links to what lies outside, to the top, to each other, through folders, and a hard link to such a link. */
const links = (arena: Arena) => `cd /workspace/repo
ln -sfn ${arena.folder}/host-file.txt link; ln -sfn ${arena.folder} folder-link; ln -sfn / top
ln -sfn ../../../../../../../../..${arena.folder}/host-file.txt relative; ln -sfn loop-b loop-a; ln -sfn loop-a loop-b
mkdir -p real && ln -sfn ../folder-link real/through
rm -f hard; ln -P link hard`;

const LINKED = [
  "link",
  "relative",
  "hard",
  "folder-link/host-file.txt",
  "real/through/host-file.txt",
  "loop-a",
];

/** The two that lead through a folder are refused as paths. */
const LINKS_SEEN = LINKED.length - 2;

/** Asks for each path as a file, whole, and as a difference, and gives all that came back. */
async function askFor(arena: Arena, paths: string[], taskId = arena.agent.taskId): Promise<string> {
  const token = arena.secrets.owner;
  const answers: string[] = [];
  for (const path of paths)
    for (const route of ["files", "files/raw", "diff"]) {
      const query = path.startsWith("?") ? path : `?path=${path}`;
      const url = `${arena.coordinatorUrl}/api/tasks/${taskId}/${route}${query}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      answers.push(`${answer.status} ${await answer.text()}`);
    }
  return answers.join("\n");
}

const verdictOf = (arena: Arena, text: string): Attempt => {
  const succeeded = text.includes(BAIT) || text.includes(arena.secrets.owner ?? "");
  return { succeeded, evidence: text.slice(0, 300) };
};

/** What a program does that takes the work tree for its own folder. */
async function naiveRead(folder: string, path: string): Promise<string> {
  try {
    return await Bun.file(`${folder}/${decodeURIComponent(path)}`).text();
  } catch (error) {
    return String(error);
  }
}

const TRAVERSALS = (arena: Arena) => {
  const up = "../".repeat(12);
  return [
    `${up}${arena.folder.slice(1)}/host-file.txt`,
    `${up.replaceAll("../", "..%2f")}${arena.folder.slice(1)}/host-file.txt`,
    `${up.replaceAll("../", "%2e%2e/")}${arena.folder.slice(1)}/host-file.txt`,
    `${up.replaceAll("../", "..%5c")}${arena.folder.slice(1)}/host-file.txt`,
    `${up.replaceAll("../", "%252e%252e/")}${arena.folder.slice(1)}/host-file.txt`,
    `real/${up}${arena.folder.slice(1)}/host-file.txt`,
    `${arena.folder}/host-file.txt`,
    `/${arena.folder}/host-file.txt`,
    "README.md%00../../owner.token",
    "../../../owner.token",
    "../../../../owner.token",
    ".git/config",
    "?path=README.md&at=--output=/tmp/x",
    "?path=README.md&at=HEAD:../../owner.token",
    `?path=README.md&at=${"0".repeat(40)}`,
    "?path=:(top)README.md",
    "?path=--output=/tmp/x",
  ];
};

const HOOKS = "pre-commit post-commit post-checkout pre-push";

/** Ways of git to run a program that a repository or its configuration names. Each leaves its name where it ran. */
const VECTORS = [
  ...["hook", "fsmonitor", "editor", "ssh", "external-diff", "textconv", "merge-driver", "clean", "smudge"],
  ...["submodule", "credential-helper", "alias"],
];

/** What a repository itself can hold to make git run something. */
const evilTree = (folder: string, mark: string) => `cd ${folder}
mkdir -p hooks; for hook in ${HOOKS}; do printf '#!/bin/sh\necho hook >> ${mark}\n' > hooks/$hook; chmod +x hooks/$hook; done
printf '* filter=evil diff=evil merge=evil\n' > .gitattributes
printf '[submodule "x"]\n\tpath = x\n\turl = ./x\n' > .gitmodules
printf '[core]\n\thooksPath = hooks\n' > .gitconfig
git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x
echo evil >> README.md; git add -A . ':!x'; git -c user.name=a -c user.email=a@example.com commit -q -m evil`;

/** What the agent can do to its own clone's configuration, on top of that. */
const evilConfig = (folder: string, mark: string) => `cd ${folder}
ran() { printf "sh -c 'echo $1 >> ${mark}' #"; }; passing() { printf "sh -c 'echo $1 >> ${mark}; cat'"; }
for hook in ${HOOKS}; do mkdir -p .git/hooks; cp hooks/$hook .git/hooks/$hook; done
git config core.hooksPath hooks; git config core.fsmonitor "$(ran fsmonitor)"; git config core.editor "$(ran editor)"
git config core.sshCommand "$(ran ssh)"; git config diff.external "$(ran external-diff)"; git config diff.evil.textconv "sh -c 'echo textconv >> ${mark}; cat $0'"
git config merge.evil.driver "sh -c 'echo merge-driver >> ${mark}'"; git config filter.evil.clean "$(passing clean)"
git config filter.evil.smudge "$(passing smudge)"; git config protocol.ext.allow always
git config credential.helper "!sh -c 'echo credential-helper >> ${mark}'"; git config alias.st "!echo alias >> ${mark}"
git config submodule.x.url "$PWD/x"; git config submodule.x.active true
git config submodule.x.update "!sh -c 'echo submodule >> ${mark}' #"
echo more >> README.md; true`;

/** What a host does that works in a tree it was given, as anybody would. */
const naiveWork = (
  folder: string,
) => `cd ${folder}; git config user.name h; git config user.email h@example.com
git status; git st; git diff; git diff --no-ext-diff; git commit -q -am work; git commit -q --amend
git checkout -q -b other HEAD^; echo theirs >> README.md; git -c core.editor=true commit -q -am theirs; git -c core.editor=true merge -
git checkout -q -f -; rm -f README.md; git checkout -q -- README.md
git fetch ssh://127.0.0.1/none; printf 'protocol=https\nhost=example.invalid\n\n' | git credential fill
git clone -q . x; git update-index --add --cacheinfo 160000,$(git rev-list --max-parents=0 HEAD | head -1),x; git submodule update`;

export const filesAttacks: Attack[] = [
  {
    area: AREA,
    name: "links out of the work tree, read in the file browser",
    by: "files are read as git objects, and links are shown",
    async try(arena) {
      await arena.agent.run(links(arena));
      const answers = await askFor(arena, LINKED);
      const seen = answers.split('"kind":"symlink"').length - 1;
      if (seen < LINKS_SEEN) throw new Error(`${seen} links were seen: ${answers.slice(0, 300)}`);
      // The link's own text names the file, and is no file's content.
      return verdictOf(arena, answers);
    },
    async control(arena) {
      const folder = await mkdtemp(join(arena.folder, "tree-"));
      const commit = (await arena.world.events(arena.agent.taskId))
        .map(({ body }) => (body.type === "checkpoint.saved" ? body.commit : null))
        .findLast((it) => it !== null);
      const bare = join(arena.world.settings.FARHAND_DATA ?? "", `repos/tasks/${arena.agent.taskId}.git`);
      await git([
        `--git-dir=${bare}`,
        `--work-tree=${folder}`,
        "checkout",
        "--force",
        String(commit),
        "--",
        ".",
      ]);
      return verdictOf(arena, (await Promise.all(LINKED.map((path) => naiveRead(folder, path)))).join("\n"));
    },
  },
  {
    area: AREA,
    name: "paths that climb out, and revisions that are options",
    by: "paths are names in a tree, and revisions are parsed",
    try: async (arena) => verdictOf(arena, await askFor(arena, TRAVERSALS(arena))),
    async control(arena) {
      const folder = join(arena.folder, "served");
      await mkdir(join(folder, "real"), { recursive: true });
      return verdictOf(
        arena,
        (await Promise.all(TRAVERSALS(arena).map((path) => naiveRead(folder, path)))).join("\n"),
      );
    },
  },
  {
    area: AREA,
    name: "hooks, filters, attributes, configuration and submodules that run programs",
    by: "the host reads bare repositories of its own, never a work tree",
    async try(arena) {
      const mark = join(arena.folder, `ran-${newWord()}`);
      // A task of its own: what it does to its clone stays.
      const { taskId, run } = await openAgent(arena.world, arena.engine);
      await run(`${evilTree("/workspace/repo", mark)}; git push -q origin HEAD`);
      await run(evilConfig("/workspace/repo", mark));
      const looked = await askFor(arena, [".gitattributes", ".gitmodules", "README.md", "x", "?"], taskId);
      await arena.world.client.fork(taskId, { prompt: "Go on. [scenario:say-hello]" }).then(
        (fork) => arena.world.ended(fork.id),
        () => undefined,
      );
      if (!looked.includes("filter=evil")) throw new Error(`not looked at: ${looked.slice(0, 300)}`);
      const ran = await ranBy(mark);
      await arena.world.client.archive(taskId);
      return { succeeded: ran.length > 0, evidence: ran.join(" ") || "nothing ran on the host" };
    },
    async control(arena) {
      const mark = join(arena.folder, `ran-${newWord()}`);
      const folder = await mkdtemp(join(arena.folder, "evil-"));
      await git(["clone", "-q", arena.world.sample.path, folder]);
      await shell(`${evilTree(folder, mark)}; ${evilConfig(folder, mark)}`);
      await shell(naiveWork(folder));
      const ran = await ranBy(mark);
      await rm(mark, { force: true });
      const missing = VECTORS.filter((vector) => !ran.includes(vector));
      return {
        succeeded: missing.length === 0,
        evidence: `ran: ${ran.join(" ")}; did not: ${missing.join(" ") || "none"}`,
      };
    },
  },
  {
    area: AREA,
    name: "addresses and branches of repositories that are options or commands",
    by: "addresses and names are parsed before git gets them",
    async try(arena) {
      const word = newWord();
      const mark = join(arena.folder, `ran-${word}`);
      const answers: string[] = [];
      for (const wanted of injections(mark, arena.world.sample.cloneUrl)) {
        const made = await arena.world.client
          .createTask({ ...wanted, prompt: "Do it. [scenario:say-hello]" })
          .catch((error: unknown) => String(error));
        if (typeof made === "string") answers.push(made);
        else answers.push((await arena.world.ended(made.id)).failure?.code ?? "idle");
      }
      const ran = await Bun.file(mark).exists();
      return { succeeded: ran, evidence: answers.join(" | ") };
    },
    async control(arena) {
      const mark = join(arena.folder, `ran-${newWord()}`);
      for (const { repository, baseBranch } of injections(mark, arena.world.sample.path)) {
        const branch = baseBranch === undefined ? [] : [baseBranch];
        // A program that puts them together as strings, on the host.
        const argv = [
          "-c",
          "protocol.ext.allow=always",
          "clone",
          "-q",
          ...branch,
          repository,
          "/nonexistent/x",
        ];
        await git(argv).catch(() => undefined);
      }
      const ran = await Bun.file(mark).exists();
      await rm(mark, { force: true });
      return { succeeded: ran, evidence: ran ? "git ran a program" : "nothing ran" };
    },
  },
];

function injections(mark: string, repository: string): { repository: string; baseBranch?: string }[] {
  return [
    { repository: `ext::sh -c "touch ${mark}"` },
    { repository: `ext::sh -c touch% ${mark}` },
    { repository: `--upload-pack=touch ${mark}` },
    { repository: `-oProxyCommand=touch ${mark}` },
    { repository: `ssh://-oProxyCommand=touch ${mark}/x` },
    { repository, baseBranch: `--upload-pack=touch ${mark}` },
    { repository, baseBranch: `-utouch ${mark}` },
    { repository, baseBranch: `main;touch ${mark}` },
    { repository, baseBranch: `$(touch ${mark})` },
  ];
}

/** The ways that have left their name. */
async function ranBy(mark: string): Promise<string[]> {
  const file = Bun.file(mark);
  if (!(await file.exists())) return [];
  const lines = (await file.text()).split("\n");
  return [...new Set(lines.filter((line) => line !== ""))];
}

async function shell(script: string): Promise<void> {
  const child = Bun.spawn(["bash", "-c", script], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent", GIT_PAGER: "cat" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await child.exited;
}
