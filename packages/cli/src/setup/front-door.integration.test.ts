import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The script `farhand` in a copy of the repository that has only what the script touches. Bun and npm are stand-ins:
 * what they would fetch is not what is tested here.
 */
const script = resolve(import.meta.dir, "../../../../farhand");
const POSIX = "sh cat cp mv rm mkdir mktemp readlink dirname cmp sleep env".split(" ");

let folder: string;
let root: string;
let programs: string;
let home: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-door-"));
  [root, programs, home] = [join(folder, "repo"), join(folder, "bin"), join(folder, "home")];
  for (const path of [join(root, "packages/cli/src"), programs, home]) await mkdir(path, { recursive: true });
  await copyFile(script, join(root, "farhand"));
  await chmod(join(root, "farhand"), 0o755);
  await writeFile(join(root, "bun.lock"), "lock 1");
  await writeFile(join(root, "bunfig.toml"), "");
  await writeFile(
    join(root, "packages/cli/src/main.ts"),
    "process.stdout.write(JSON.stringify({ arguments: process.argv.slice(2), cwd: process.cwd() }));",
  );
  for (const name of POSIX) await symlink(Bun.which(name) ?? name, join(programs, name));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const program = async (path: string, text: string) => {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
};

/** A Bun that says it is of a version, notes what it installs, and runs everything else in earnest. */
const bunSaying = (version: string) => `
case $1 in
--version) echo ${version} ;;
install) echo "$PWD $*" >>${folder}/installs; exit \${FAKE_INSTALL_EXIT:-0} ;;
*) exec ${process.execPath} "$@" ;;
esac`;

/** An npm that "installs" such a Bun. */
async function provideNpm() {
  await program(join(folder, "fetched-bun"), bunSaying("1.4.5"));
  await program(
    join(programs, "npm"),
    `echo "npm's chatter"; echo "$*" >>${folder}/npm-calls
mkdir -p "$3/node_modules/.bin" && cp ${folder}/fetched-bun "$3/node_modules/.bin/bun"`,
  );
}

async function farhand(
  argv: string[],
  change: { env?: Record<string, string>; command?: string; cwd?: string } = {},
) {
  const child = Bun.spawn([change.command ?? join(root, "farhand"), ...argv], {
    cwd: change.cwd ?? folder,
    env: { PATH: programs, HOME: home, ...change.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, out, err };
}

const installs = async () => (await Bun.file(join(folder, "installs")).text()).trim().split("\n");

test("a Bun on the path that is new enough is used, and the CLI gets its arguments and the user's folder", async () => {
  await program(join(programs, "bun"), bunSaying("1.10.0"));
  const { exitCode, out } = await farhand(["run", "a b", "--json", ""], { cwd: home });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual({ arguments: ["run", "a b", "--json", ""], cwd: home });
});

test("a Bun that is missing, too old or too new is fetched once, and standard output stays the CLI's", async () => {
  await provideNpm();
  for (const version of [null, "1.3.9", "2.0.0"]) {
    if (version !== null) await program(join(programs, "bun"), bunSaying(version));
    const { exitCode, out } = await farhand(["--help"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out).arguments).toEqual(["--help"]);
  }
  expect((await Bun.file(join(folder, "npm-calls")).text()).trim().split("\n")).toHaveLength(1);
  expect(await readdir(join(home, ".cache/farhand"))).toEqual(["bun-1.4.5"]);
});

test("a fetched Bun that does not run any more is fetched again", async () => {
  await provideNpm();
  await farhand(["up"]);
  await program(join(home, ".cache/farhand/bun-1.4.5/node_modules/.bin/bun"), "exit 1");
  expect((await farhand(["up"])).exitCode).toBe(0);
  expect(await readdir(join(home, ".cache/farhand"))).toEqual(["bun-1.4.5"]);
});

test("several first runs at once all come through, and one Bun is left", async () => {
  await provideNpm();
  const runs = await Promise.all([1, 2, 3, 4].map((n) => farhand([String(n)])));
  expect(runs.map((run) => [run.exitCode, JSON.parse(run.out).arguments])).toEqual(
    [1, 2, 3, 4].map((n) => [0, [String(n)]]),
  );
  expect(await readdir(join(home, ".cache/farhand"))).toEqual(["bun-1.4.5"]);
  expect(await installs()).toHaveLength(1);
});

test("without Bun and npm it says what to install", async () => {
  const { exitCode, out, err } = await farhand(["up"]);
  expect([exitCode, out]).toEqual([1, ""]);
  expect(err).toContain("apt-get install nodejs npm");
});

test("when npm fails its words are shown, and nothing half-made is left", async () => {
  await program(join(programs, "npm"), "echo 'npm error 404' >&2; exit 1");
  const { exitCode, err } = await farhand(["up"]);
  expect(exitCode).toBe(1);
  expect(err).toContain("npm error 404");
  expect(await readdir(join(home, ".cache/farhand"))).toEqual([]);
});

test("without a home folder that can be written to, the repository's own folder takes its place", async () => {
  await provideNpm();
  for (const env of [{ HOME: "" }, { HOME: "/dev/null/home" }]) {
    expect((await farhand(["up"], { env })).exitCode).toBe(0);
    expect(await readdir(join(root, "build"))).toEqual(["bun-1.4.5"]);
  }
});

test("the user's cache folder is used where it is set to a whole path, and only there", async () => {
  await provideNpm();
  await farhand(["up"], { env: { XDG_CACHE_HOME: join(folder, "cache") } });
  expect(await readdir(join(folder, "cache/farhand"))).toEqual(["bun-1.4.5"]);
  await farhand(["up"], { env: { XDG_CACHE_HOME: "relative" } });
  expect(await readdir(join(home, ".cache/farhand"))).toEqual(["bun-1.4.5"]);
});

test("dependencies are installed from the lock file when it has changed, not otherwise", async () => {
  await program(join(programs, "bun"), bunSaying("1.4.5"));
  for (const lock of ["lock 1", "lock 1", "lock 2", "lock 2"]) {
    await writeFile(join(root, "bun.lock"), lock);
    expect((await farhand(["up"])).exitCode).toBe(0);
  }
  expect(await installs()).toEqual(Array(2).fill(`${root} install --frozen-lockfile`));
});

test("an install that failed is tried again the next time, also when it was killed in the middle", async () => {
  await program(join(programs, "bun"), bunSaying("1.4.5"));
  const failed = await farhand(["up"], { env: { FAKE_INSTALL_EXIT: "1" } });
  expect([failed.exitCode, failed.out]).toEqual([1, ""]);
  // What is left when the machine loses power: a lock whose owner is gone.
  await mkdir(join(root, "node_modules/.farhand-installing"));
  await writeFile(join(root, "node_modules/.farhand-installing/pid"), "4194305");
  expect((await farhand(["up"])).exitCode).toBe(0);
  expect(await installs()).toHaveLength(2);
});

test("it finds its repository through links and through the path", async () => {
  await program(join(programs, "bun"), bunSaying("1.4.5"));
  await symlink(join(root, "farhand"), join(home, "absolute"));
  await symlink("absolute", join(home, "relative"));
  expect((await farhand([], { command: join(home, "relative") })).exitCode).toBe(0);
  await symlink("../home/relative", join(programs, "fh"));
  expect((await farhand(["-c", "fh up"], { command: join(programs, "sh") })).out).toContain("up");
  expect((await farhand(["farhand", "up"], { command: join(programs, "sh"), cwd: root })).out).toContain(
    "up",
  );
});

test("nothing of the folder that the user stands in is run", async () => {
  await provideNpm();
  await writeFile(join(home, "bunfig.toml"), 'preload = ["./evil.ts"]');
  await writeFile(join(home, "evil.ts"), "process.stdout.write('evil');");
  const { out } = await farhand(["up"], { cwd: home });
  expect(JSON.parse(out).arguments).toEqual(["up"]);
});
