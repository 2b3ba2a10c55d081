import { join } from "node:path";
import { command } from "../faults/command.ts";
import { BRIDGE } from "./engine.ts";
import { INTERNET } from "./internet.ts";
import { METADATA_ADDRESS } from "./targets.ts";

/** IPv6 addresses with the metadata address within. Given to this namespace's own loopback. */
const EMBEDDING = { nat64: "64:ff9b::a9fe:a9fe", sixToFour: "2002:a9fe:a9fe::1" } as const;

/** Names that the suite makes up, and where each leads. They exist in the suite's own mount namespace alone. */
export const NAMES = {
  "allowed.example.com": INTERNET.address,
  "moving.example.com": INTERNET.address,
  "foreign.example.com": INTERNET.address,
  "private.example.com": BRIDGE.v4,
  "metadata.example.com": METADATA_ADDRESS,
  "loopback.example.com": "127.0.0.1",
  "ula.example.com": BRIDGE.v6,
  "nat64.example.com": EMBEDDING.nat64,
  "6to4.example.com": EMBEDDING.sixToFour,
} as const;

/** Ports of these that the person has listed as well. */
const LISTED_PORTS = [
  "private.example.com:7004",
  "loopback.example.com:7004",
  "ula.example.com:7002",
  "nat64.example.com:7002",
  "6to4.example.com:7002",
];

/** Hosts that the person has allowed, among them some whose owner has them lead inside. */
export const ALLOWED_HOSTS = [
  ...Object.keys(NAMES).filter((name) => name !== "foreign.example.com"),
  ...LISTED_PORTS,
];

/** Names and addresses of everything that runs in the suite's namespace, in place of the machine's. */
export interface Names {
  /** Lets a name lead elsewhere from now on. */
  move(name: keyof typeof NAMES, address: string): Promise<void>;
}

export async function openNames(folder: string): Promise<Names> {
  const table = new Map<string, string>(Object.entries(NAMES));
  const hosts = join(folder, "hosts");
  // Written into the file that is mounted, which must stay the same one.
  const write = () =>
    Bun.write(
      hosts,
      ["127.0.0.1 localhost", ...[...table].map(([name, address]) => `${address} ${name}`), ""].join("\n"),
    );
  await write();
  await Bun.write(join(folder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  for (const address of Object.values(EMBEDDING))
    await command("ip", "-6", "address", "add", `${address}/128`, "dev", "lo", "nodad");
  await command("mount", "--bind", hosts, "/etc/hosts");
  await command("mount", "--bind", join(folder, "resolv.conf"), "/etc/resolv.conf");
  return {
    async move(name, address) {
      table.set(name, address);
      await write();
    },
  };
}
