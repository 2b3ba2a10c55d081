import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../e2e/support/git.ts";
import { openAgent } from "./agent.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { newWord } from "./targets.ts";

const AREA = "files";
const BAIT = "a file of the host";

/** Links to what lies outside, to the top, to each other, through folders, and a hard link. */
const links = (arena: Arena) => `cd /workspace/repo
ln -sfn ${arena.folder}/host-file.txt link; ln -sfn ${arena.folder} folder-link; ln -sfn / top
ln -sfn ../../../../../../../../..${arena.folder}/host-file.txt relative; ln -sfn loop-b loop-a; ln -sfn loop-a loop-b
mkdir -p real && ln -sfn ../folder-link real/through; ln -f /workspace/../etc/hostname hard 2>/dev/null
ln -f ${arena.folder}/host-file.txt hard2 2>/dev/null; true`;

const LINKED = [
  "link",
  "relative",
  "hard",
  "hard2",
  "folder-link/host-file.txt",
  "real/through/host-file.txt",
  "loop-a",
];

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

/** What a repository itself can hold to make git run something. It leaves a word in a file on the machine it runs on. */
const evilTree = (folder: string, mark: string) => `cd ${folder}
mkdir -p hooks; for hook in ${HOOKS}; do printf '#!/bin/sh\\necho hook >> ${mark}\\n' > hooks/$hook; chmod +x hooks/$hook; done
printf '* filter=evil diff=evil merge=evil\\n' > .gitattributes
printf '[submodule "x"]\\n\\tpath = x\\n\\turl = http://exfiltrated.test/x\\n' > .gitmodules
printf '[core]\\n\\thooksPath = hooks\\n' > .gitconfig
git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x
echo evil >> README.md; git add -A . ':!x'; git -c user.name=a -c user.email=a@example.com commit -q -m evil`;

/** What the agent can do to its own clone's configuration, on top of that. */
const evilConfig = (folder: string, mark: string) => `cd ${folder}
run="sh -c 'echo ran >> ${mark}'"; pass="sh -c 'echo ran >> ${mark}; cat'"
for hook in ${HOOKS}; do mkdir -p .git/hooks; cp hooks/$hook .git/hooks/$hook; done
git config core.hooksPath hooks; git config core.fsmonitor "$run #"; git config core.pager "$run #"; git config core.editor "$run #"
git config core.sshCommand "$run #"; git config diff.external "$run #"; git config diff.evil.textconv "$pass #"
git config merge.evil.driver "$run"; git config filter.evil.clean "$pass"; git config filter.evil.smudge "$pass"; git config protocol.ext.allow always
echo more >> README.md; true`;

const HOOKS =
  "pre-commit post-commit post-checkout pre-push post-merge post-index-change pre-receive update post-receive";

export const filesAttacks: Attack[] = [
  {
    area: AREA,
    name: "links out of the work tree, read in the file browser",
    by: "files are read as git objects, and links are shown",
    async try(arena) {
      await arena.agent.run(links(arena));
      const answers = await askFor(arena, LINKED);
      if (!answers.includes('"kind":"symlink"'))
        throw new Error(`no link was seen: ${answers.slice(0, 300)}`);
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
      const looked = await askFor(arena, [".gitattributes", "README.md", "?"], taskId);
      await arena.world.client.fork(taskId, { prompt: "Go on. [scenario:say-hello]" }).then(
        (fork) => arena.world.ended(fork.id),
        () => undefined,
      );
      if (!looked.includes("filter=evil")) throw new Error(`not looked at: ${looked.slice(0, 300)}`);
      const ran = await Bun.file(mark).exists();
      await arena.world.client.archive(taskId);
      return { succeeded: ran, evidence: ran ? "a program ran on the host" : "nothing ran on the host" };
    },
    async control(arena) {
      const mark = join(arena.folder, `ran-${newWord()}`);
      const folder = await mkdtemp(join(arena.folder, "evil-"));
      await git(["clone", "-q", arena.world.sample.path, folder]);
      await shell(`${evilTree(folder, mark)}; ${evilConfig(folder, mark)}`);
      // The most harmless thing that a host can do with it.
      await shell(`cd ${folder} && git status && git diff`);
      const ran = await Bun.file(mark).exists();
      await rm(mark, { force: true });
      return { succeeded: ran, evidence: ran ? "git status ran a program" : "nothing ran" };
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

async function shell(script: string): Promise<void> {
  const child = Bun.spawn(["bash", "-c", script], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent", GIT_PAGER: "cat" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await child.exited;
}
