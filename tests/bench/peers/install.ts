import { homedir } from "node:os";
import { join } from "node:path";

/** The nearest relatives, in the versions that are measured. */
const PEERS = { "@twsxtd/hapi": "0.30.7", "@cloudcli-ai/cloudcli": "1.37.3" };

export const PEERS_FOLDER = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "farhand/bench-peers",
);

/**
 * Has npm install the peers outside of this repository, where they are not there yet: 1.5 GB.
 * @param folder what holds `node_modules`
 */
export async function installPeers(folder: string, note: (line: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const [name, version] of Object.entries(PEERS)) {
    const file = Bun.file(join(folder, "node_modules", name, "package.json"));
    const found = (await file.exists()) ? ((await file.json()) as { version: string }).version : null;
    if (found !== version) missing.push(`${name}@${version}`);
  }
  if (missing.length === 0) return;
  note(`npm installs ${missing.join(" and ")} into ${folder}`);
  const npm = Bun.spawn(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, ...missing], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await npm.exited) !== 0) throw new Error("npm did not install the peers");
}
