import { type EgressRule, type EgressSettings, HostName, type RepositoryEgress } from "@farhand/protocol";
import { PACKAGE_HOSTS } from "./package-hosts.ts";

/** What one task may reach: its repository's own settings over its user's default. */
export type EgressPolicy = EgressSettings;

/** Until somebody says otherwise. */
export const EGRESS_DEFAULT: EgressSettings = { mode: "packages", hosts: [] };

/** Ports that need not be named: of CONNECT, which carries TLS, and of plain HTTP. */
const USUAL_PORTS = { connect: 443, plain: 80 } as const;

export interface EgressTarget {
  /** A name in lower case, or an IP address. */
  host: string;
  port: number;
  via: "connect" | "plain";
}

/** `isRaw`: the user has named this very port of the host, so that other protocols than TLS may pass too. */
export type EgressVerdict = { allowed: true; isRaw: boolean } | { allowed: false; rule: EgressRule };

export function effectivePolicy(fallback: EgressSettings, own: RepositoryEgress | null): EgressPolicy {
  return {
    mode: own?.mode ?? fallback.mode,
    hosts: [...new Set([...fallback.hosts, ...(own?.hosts ?? [])])],
  };
}

/** Whether a connection is within the policy, by the name and the port alone. Where the name leads is not known here. */
export function decideEgress(
  { mode, hosts }: EgressPolicy,
  { host, port, via }: EgressTarget,
): EgressVerdict {
  if (mode === "none") return { allowed: false, rule: "off" };
  const isUsualPort = port === USUAL_PORTS[via];
  if (!HostName.safeParse(host).success) {
    if (mode !== "all") return { allowed: false, rule: "ip_literal" };
    return isUsualPort ? { allowed: true, isRaw: false } : { allowed: false, rule: "port" };
  }
  // A name with its port opens the unusual ones alone: TLS is not looked into less for being listed.
  const isListedPort = hosts.some((pattern) => matches(pattern, `${host}:${port}`));
  if (isListedPort) return { allowed: true, isRaw: !isUsualPort };
  const isKnown =
    mode === "all" ||
    hosts.some((pattern) => matches(pattern, host)) ||
    (mode === "packages" && PACKAGE_HOSTS.some((pattern) => matches(pattern, host)));
  if (!isKnown) return { allowed: false, rule: "not_listed" };
  return isUsualPort ? { allowed: true, isRaw: false } : { allowed: false, rule: "port" };
}

/** `*.` stands for one label or more. A pattern with a port matches a host with that port, and the other way round. */
function matches(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === host;
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}

export interface EgressStore {
  overview(userId: string): Promise<{ default: EgressSettings; repositories: RepositoryEgress[] }>;
  setDefault(userId: string, settings: EgressSettings): Promise<void>;
  /** Without a mode and hosts the repository has no settings of its own any more. */
  setRepository(userId: string, settings: RepositoryEgress): Promise<void>;
  policy(userId: string, repository: string): Promise<EgressPolicy>;
  /** Adds a host to the repository's own. False when it was there. */
  allow(userId: string, repository: string, host: string): Promise<boolean>;
  /**
   * Notes that a turn was refused a host. True when it is the turn's first refusal of that host, and the turn has not
   * had `most` of them yet.
   */
  noteRefusal(refusal: { taskId: string; turn: number; host: string }, most: number): Promise<boolean>;
}
