import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** Listened on, they mean every address that the machine has; in a link they mean nothing. */
const ANY_HOST = new Set(["0.0.0.0", "::"]);
/** Of containers and virtual machines: nobody outside reaches these. */
const VIRTUAL = /^(docker|br-|veth|virbr|cni|lxc|podman)/;

/**
 * The host by which other machines reach a server that listens on this one.
 *
 * @param interfaces as `os.networkInterfaces()` gives them
 */
export function reachableHost(
  host: string,
  interfaces: Readonly<
    Record<string, Pick<NetworkInterfaceInfo, "address" | "family" | "internal">[] | undefined>
  >,
): string {
  if (!ANY_HOST.has(host)) return host;
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, found]) => found ?? [])
    // A link-local address of IPv6 works with the name of an interface alone.
    .filter(
      ({ internal, address }) => !internal && !address.startsWith("fe80:") && !address.startsWith("169.254."),
    );
  const first = (family: string) => addresses.find((it) => it.family === family)?.address;
  return first("IPv4") ?? (host === "::" ? first("IPv6") : undefined) ?? "127.0.0.1";
}

/** The same for this machine, as it stands in a URL. */
export function hostInUrl(host: string): string {
  const reachable = reachableHost(host, networkInterfaces());
  return reachable.includes(":") ? `[${reachable}]` : reachable;
}
