import { mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../faults/command.ts";

/**
 * Addresses of the small internet. They look public, and are reached in the namespaces of the test alone, where there is
 * no way to anything else.
 */
export const INTERNET = {
  registry: "11.7.0.1",
  metadata: "169.254.169.254",
  /** A machine of a private network. */
  inside: "10.213.7.2",
  /** This half's own addresses: a private one and one that looks public. */
  ours: "10.213.7.1",
  oursPublic: "11.7.1.1",
  control: 9000,
} as const;

/** Set in the process that runs in the namespaces. */
const INSIDE = "FARHAND_TEST_INSIDE_NAMESPACES";

export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/** Why namespaces cannot be had here, or null. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "not running as root";
  const missing = ["unshare", "nsenter", "ip", "openssl", "tar"].filter((name) => Bun.which(name) === null);
  if (missing.length > 0) return `${missing.join(", ")} not installed`;
  const tried = Bun.spawn(["unshare", "--net", "--mount", "true"], { stdout: "ignore", stderr: "ignore" });
  return (await tried.exited) === 0 ? null : "the kernel allows no namespaces";
}

/** Runs a test file again in a network and a mount namespace of its own. @returns its exit code and what it printed */
export async function runInside(file: string): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn(
    ["unshare", "--net", "--mount", "--", process.execPath, "test", "--timeout", "120000", file],
    { env: { ...process.env, [INSIDE]: "1" }, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  const [out, complaints, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { exitCode, output: `${out}\n${complaints}` };
}

export interface PrivateInternet extends AsyncDisposable {
  /** Certificate of the authority that the registry's servers are trusted by. */
  ca: string;
  /** Makes names lead to addresses, for every program in this namespace that asks the system. */
  name(names: Record<string, string[]>): Promise<void>;
  /** Requests and bytes that came out there so far. */
  seen(): Promise<string[]>;
}

/** Starts the small internet and connects this process's own namespace with it. Only inside. */
export async function openInternet(): Promise<PrivateInternet> {
  const folder = await mkdtemp(join(tmpdir(), "fh-net-"));
  const ca = await makeCertificates(folder);
  await makePackage(folder);
  const hosts = join(folder, "hosts");
  await writeFile(hosts, "127.0.0.1 localhost\n");
  await writeFile(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
  await command("mount", "--bind", hosts, "/etc/hosts");
  await command("mount", "--bind", join(folder, "resolv.conf"), "/etc/resolv.conf");

  const program = join(import.meta.dir, "small-internet.ts");
  const there = Bun.spawn(["unshare", "--net", "--", process.execPath, program, folder], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  await differs(there.pid);
  const { registry, metadata, inside, ours, oursPublic, control } = INTERNET;
  const ip = (...args: string[]) => command("ip", ...args);
  const ipThere = (...args: string[]) => command("nsenter", "-t", String(there.pid), "-n", "ip", ...args);
  await ip("link", "set", "lo", "up");
  await ip("link", "add", "here", "type", "veth", "peer", "name", "there");
  await ip("link", "set", "there", "netns", String(there.pid));
  await ip("address", "add", `${ours}/24`, "dev", "here");
  await ip("address", "add", `${oursPublic}/32`, "dev", "here");
  await ip("link", "set", "here", "up");
  await ipThere("address", "add", `${inside}/24`, "dev", "there");
  for (const address of [registry, metadata]) await ipThere("address", "add", `${address}/32`, "dev", "lo");
  await ipThere("link", "set", "lo", "up");
  await ipThere("link", "set", "there", "up");
  for (const address of [registry, metadata]) await ip("route", "add", `${address}/32`, "via", inside);
  there.stdin.write("go\n");
  await there.stdin.flush();
  const first = await there.stdout.getReader().read();
  if (first.done) throw new Error("the small internet did not start");

  return {
    ca,
    // In place: the file is mounted, and another one of its name would not be.
    name: (names) =>
      writeFile(
        hosts,
        [
          "127.0.0.1 localhost",
          ...Object.entries(names).flatMap(([name, addresses]) => addresses.map((it) => `${it} ${name}`)),
          "",
        ].join("\n"),
      ),
    seen: async () => (await fetch(`http://${inside}:${control}/`)).json() as Promise<string[]>,
    async [Symbol.asyncDispose]() {
      there.kill();
      await there.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the process is in a network namespace of its own: before that it is still on its way there. */
async function differs(pid: number): Promise<void> {
  const mine = await readlink("/proc/self/ns/net");
  while ((await readlink(`/proc/${pid}/ns/net`)) === mine) await Bun.sleep(5);
}

async function makeCertificates(folder: string): Promise<string> {
  const at = (name: string) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await command(
    "openssl",
    ..."req -x509 -days 2 -subj /CN=farhand-test-authority".split(" "),
    ...key,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  const names = ["registry", "other", "moving"].map((name) => `DNS:${name}.example.test`).join(",");
  await command(
    "openssl",
    ..."req -x509 -days 2 -subj /CN=example.test".split(" "),
    ...key,
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
    "-addext",
    `subjectAltName=${names}`,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-keyout",
    at("server.key"),
    "-out",
    at("server.pem"),
  );
  return Bun.file(at("ca.pem")).text();
}

async function makePackage(folder: string): Promise<void> {
  await Bun.write(
    join(folder, "package/package.json"),
    JSON.stringify({ name: "tiny-package", version: "1.0.0", main: "index.js" }),
  );
  await Bun.write(join(folder, "package/index.js"), 'module.exports = "installed through the proxy";\n');
  await command("tar", "-C", folder, "-czf", join(folder, "package.tgz"), "package");
}
