import type { Remote } from "../domain/ports.ts";

/** What git inherits from the coordinator: how to reach the network and the user's own ssh keys, nothing else. */
const INHERITED = [
  "PATH",
  "HOME",
  "SSH_AUTH_SOCK",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "CURL_CA_BUNDLE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "http_proxy",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "no_proxy",
  "NO_PROXY",
];

/** Slips of old tools in old commits. They do no harm, and half of the large repositories have some. */
const HISTORIC_SLIPS = [
  "badTimezone",
  "missingEmail",
  "missingNameBeforeEmail",
  "missingSpaceBeforeDate",
  "missingSpaceBeforeEmail",
  "zeroPaddedDate",
  "zeroPaddedFilemode",
];

const USERNAME = "FARHAND_GIT_USERNAME";
const PASSWORD = "FARHAND_GIT_PASSWORD";

/**
 * The whole environment of a git command of ours. It asks nobody, reads no configuration but what stands here,
 * runs no hook, and speaks four protocols. A credential is in here and in no argument.
 *
 * The credential is given through a helper that answers for the remote's own host alone. An extra header would
 * save a round trip, but git sends it on to whatever host a redirect names (tried with git 2.39).
 */
export function gitEnvironment(
  inherited: Record<string, string | undefined>,
  options: { remote?: Remote | undefined; stallSeconds: number },
): Record<string, string> {
  const env: Record<string, string> = {
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "/bin/false",
    SSH_ASKPASS: "/bin/false",
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oConnectTimeout=30",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_PROTOCOL_FROM_USER: "0",
    // A path is a path, whatever stands in it.
    GIT_LITERAL_PATHSPECS: "1",
  };
  for (const name of INHERITED) {
    const value = inherited[name];
    if (value !== undefined && value !== "") env[name] = value;
  }
  // Debian's git is built on GnuTLS, which does not know OpenSSL's variable.
  const authorities = env.GIT_SSL_CAINFO ?? env.SSL_CERT_FILE;
  if (authorities !== undefined) env.GIT_SSL_CAINFO = authorities;

  const config: [string, string][] = [
    ["core.hooksPath", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["core.attributesFile", "/dev/null"],
    // Tasks borrow the mirrors' objects: nothing may ever be collected.
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
    // Larger files go through git in pieces, and are compared as binary ones.
    ["core.bigFileThreshold", "32m"],
    // Within the bound on memory, whatever the machine has of processors.
    ["core.deltaBaseCacheLimit", "64m"],
    ["pack.threads", "2"],
    ["pack.windowMemory", "64m"],
    ["pack.deltaCacheSize", "64m"],
    ["core.quotePath", "false"],
    ["protocol.allow", "never"],
    ["protocol.ext.allow", "never"],
    ...["http", "https", "ssh", "file"].map((name): [string, string] => [`protocol.${name}.allow`, "always"]),
    ["transfer.credentialsInUrl", "die"],
    ["fetch.fsckObjects", "true"],
    ...HISTORIC_SLIPS.map((slip): [string, string] => [`fetch.fsck.${slip}`, "ignore"]),
    // A server that packs for long still sends a byte every few seconds.
    ["http.lowSpeedLimit", "1"],
    ["http.lowSpeedTime", String(options.stallSeconds)],
    ["credential.helper", ""],
  ];
  const { remote } = options;
  if (remote?.connectTo !== undefined) config.push(...pinned(remote.url, remote.connectTo));
  if (remote?.credential && URL.canParse(remote.url)) {
    const { origin, protocol } = new URL(remote.url);
    if (protocol === "https:" || protocol === "http:") {
      env[USERNAME] = remote.credential.username;
      env[PASSWORD] = remote.credential.password;
      const answer = `!f() { printf 'username=%s\\npassword=%s\\n' "$${USERNAME}" "$${PASSWORD}"; }; f`;
      config.push([`credential.${origin}.helper`, answer]);
    }
  }
  env.GIT_CONFIG_COUNT = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

/**
 * Makes git connect to that address and to no other: neither what the name leads to by now, nor what a redirect names, nor
 * where a proxy of the environment would go, which looks the name up by itself.
 */
function pinned(url: string, address: string): [string, string][] {
  const { hostname, port, protocol } = new URL(url);
  const at = address.includes(":") ? `[${address}]` : address;
  return [
    ["http.followRedirects", "false"],
    ["http.proxy", ""],
    ["http.curloptResolve", `${hostname}:${port || (protocol === "https:" ? "443" : "80")}:${at}`],
  ];
}
