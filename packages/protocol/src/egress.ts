import { z } from "zod";

/**
 * Name of the second socket in a task's folder, the way out to the network. A connection to it begins with the line
 * `Bearer <attempt token>` (ended by CR LF) and is from there on one to an HTTP proxy: `CONNECT host:port` or one
 * request in absolute form.
 */
export const EGRESS_SOCKET_NAME = "e.sock";

/** Response header that holds the {@link EgressRule} by which the proxy refused. */
export const EGRESS_RULE_HEADER = "x-farhand-rule";

/**
 * What a sandbox may reach: nothing; the public package registries (and hosts of one's own); hosts of one's own alone;
 * or every public host.
 */
export const EgressMode = z.enum(["none", "packages", "list", "all"]);
export type EgressMode = z.infer<typeof EgressMode>;

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** The last label begins with a letter: else it would be an IP address in one of its many spellings. */
const NAME = `(?:${LABEL}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;
const PORT = "(?::[1-9][0-9]{0,4})?";
const HOST_HELP = "a host looks like registry.example.com or registry.example.com:8443, in lower case";

/** A DNS name with a dot in it, in lower case and in ASCII. */
export const HostName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${NAME}$`), HOST_HELP);
export type HostName = z.infer<typeof HostName>;

/** A host to allow. With a port, that port and no other. */
export const EgressHost = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .regex(new RegExp(`^${NAME}${PORT}$`), HOST_HELP)
  .refine(hasPossiblePort, "a port is a number up to 65535");
export type EgressHost = z.infer<typeof EgressHost>;

/** The same, or `*.example.com` for every host below a name, but not for the name itself. */
export const EgressPattern = z
  .string()
  .trim()
  .toLowerCase()
  .max(262)
  .regex(new RegExp(`^(?:\\*\\.)?${NAME}${PORT}$`), `${HOST_HELP}; *.example.com stands for all below it`)
  .refine(hasPossiblePort, "a port is a number up to 65535")
  .refine(
    (text) => !text.startsWith("*.") || text.split(".").length > 2,
    "*.com and the like would be open to everybody: name more of the host",
  );
export type EgressPattern = z.infer<typeof EgressPattern>;

/** Hosts that one place of the settings may hold. */
export const EGRESS_HOSTS_MAX = 1000;
const patterns = z.array(EgressPattern).max(EGRESS_HOSTS_MAX);

/** Your own default, for repositories without a mode of their own. */
export const EgressSettings = z.strictObject({ mode: EgressMode, hosts: patterns });
export type EgressSettings = z.infer<typeof EgressSettings>;

/** What holds for one repository. Its hosts are added to those of the default. */
export const RepositoryEgress = z.strictObject({
  repository: z.string().trim().min(1).max(2048),
  /** Null takes the default's. (As a union, since in the OpenAPI document a nullable enumeration lists a null.) */
  mode: z.union([EgressMode, z.null()]),
  hosts: patterns,
});
export type RepositoryEgress = z.infer<typeof RepositoryEgress>;

/** `GET /api/egress`; `PUT /api/egress` takes the default, `PUT /api/egress/repositories` one repository's. */
export const EgressOverview = z.strictObject({
  default: EgressSettings,
  repositories: z.array(RepositoryEgress),
  /** Hosts that the mode `packages` stands for. */
  packageHosts: z.array(z.string()),
});
export type EgressOverview = z.infer<typeof EgressOverview>;

/** `POST /api/tasks/{id}/egress/allow`: opens one host for the task's repository, from the next connection on. */
export const AllowHost = z.strictObject({ host: EgressHost });
export type AllowHost = z.infer<typeof AllowHost>;

/** `GET /api/tasks/{id}/egress`, and the answer to a host that was allowed: what holds for the task now. */
export const TaskEgress = z.strictObject({
  repository: z.string(),
  mode: EgressMode,
  hosts: z.array(EgressPattern),
});
export type TaskEgress = z.infer<typeof TaskEgress>;

/** Why a connection was refused. */
export const EgressRule = z.enum([
  /** The mode is `none`. */
  "off",
  /** The host is not among those that are allowed. Allowing it helps. */
  "not_listed",
  /** The host is allowed, but not at this port. Allowing `host:port` helps. */
  "port",
  /** An IP address in place of a name. */
  "ip_literal",
  /** The name leads to a private, local or reserved address, or to this machine. */
  "private_address",
  /** What was sent is no TLS, or names another server than the one that was asked for. */
  "server_name",
  /**
   * TLS has an encrypted second name in it (Encrypted Client Hello), which could be that of another server. Browsers send
   * one at random; allowing the host does not help, and switching that off does.
   */
  "encrypted_name",
  /** Too many connections at once. */
  "connections",
  /** The turn has moved as many bytes as it may. */
  "bytes",
]);
export type EgressRule = z.infer<typeof EgressRule>;

/** How browsers are told to encrypt no name, for whoever is refused by the rule `encrypted_name`. */
export const NO_ENCRYPTED_NAMES =
  'In Chromium put {"ssl":{"ech_enabled":false}} into the file "Local State" of its user data folder, or set the policy ' +
  "EncryptedClientHelloEnabled to false; in Firefox set security.tls.ech.grease_probability to 0 and " +
  "network.dns.echconfig.enabled to false.";

function hasPossiblePort(text: string): boolean {
  return Number(text.split(":")[1] ?? 0) <= 65_535;
}
