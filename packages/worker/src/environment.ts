import { WorkerEnv } from "@farhand/protocol";

/** What the sandbox driver gave this process. */
export interface Environment {
  /** Path of the gateway's unix socket. */
  socket: string;
  token: string;
  /** Folder for the clone, the spool and the agent's home. */
  workspace: string;
  /** Where programs are looked up. */
  path: string;
  /** The image's variables that say which authorities of TLS programs trust. */
  authorities: Readonly<Record<string, string>>;
}

/** As OpenSSL, Node, git, pip, requests, curl and cargo name the file. */
const AUTHORITIES = [
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "GIT_SSL_CAINFO",
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "CARGO_HTTP_CAINFO",
];

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Reads the worker's variables and takes them, and everything that could steer the model client, out of `env`,
 * so that no child process inherits them.
 *
 * @returns the names of the missing variables, where there are any.
 */
export function takeEnvironment(
  env: Record<string, string | undefined>,
): Environment | { missing: string[] } {
  const socket = env[WorkerEnv.socket];
  const token = env[WorkerEnv.token];
  const workspace = env[WorkerEnv.workspace];
  for (const name of Object.keys(env)) {
    if (/^(FARHAND|ANTHROPIC)_/.test(name)) delete env[name];
  }
  if (!socket || !token || !workspace) {
    const given: [string, string | undefined][] = [
      [WorkerEnv.socket, socket],
      [WorkerEnv.token, token],
      [WorkerEnv.workspace, workspace],
    ];
    return { missing: given.filter(([, value]) => !value).map(([name]) => name) };
  }
  const authorities = Object.fromEntries(
    AUTHORITIES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  return { socket, token, workspace, path: env.PATH || DEFAULT_PATH, authorities };
}

export interface Person {
  name: string;
  email: string;
}

/** Variables that make git sign commits with the task's author. */
export function gitIdentity(author: Person): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
}

/**
 * The whole environment of the agent's shell: nothing of the worker's own is in it. Whatever would wait for a
 * person (an editor, a pager, a password prompt) is answered at once, because nobody sits in front of it.
 */
export function shellEnvironment(options: {
  path: string;
  home: string;
  author: Person;
  /** Variables that the user gives the agent. They do not take the place of those here. */
  extra: Readonly<Record<string, string>>;
  authorities: Readonly<Record<string, string>>;
  /** The way out to the network. */
  proxyUrl: string;
}): Record<string, string> {
  return {
    ...options.authorities,
    ...options.extra,
    PATH: options.path,
    HOME: options.home,
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_EDITOR: "true",
    GIT_TERMINAL_PROMPT: "0",
    ...gitIdentity(options.author),
    ...proxyEnvironment(options.proxyUrl),
  };
}

/** Hosts that are reached without the proxy: the task's own repository, and servers that the agent starts. */
const DIRECT = "127.0.0.1,localhost,::1";

/** Points programs at the proxy, in the words of each. */
export function proxyEnvironment(proxyUrl: string): Record<string, string> {
  const { hostname, port } = new URL(proxyUrl);
  const java = ["http", "https"].map(
    (scheme) => `-D${scheme}.proxyHost=${hostname} -D${scheme}.proxyPort=${port}`,
  );
  const jvm = [...java, "-Dhttp.nonProxyHosts=127.0.0.1|localhost"].join(" ");
  return {
    // Read by most programs, git, pip, cargo, go, gem, composer and apt among them. Some know one spelling only.
    HTTP_PROXY: proxyUrl,
    HTTPS_PROXY: proxyUrl,
    NO_PROXY: DIRECT,
    http_proxy: proxyUrl,
    https_proxy: proxyUrl,
    no_proxy: DIRECT,
    npm_config_proxy: proxyUrl,
    npm_config_https_proxy: proxyUrl,
    npm_config_noproxy: DIRECT,
    YARN_HTTP_PROXY: proxyUrl,
    YARN_HTTPS_PROXY: proxyUrl,
    PIP_PROXY: proxyUrl,
    CARGO_HTTP_PROXY: proxyUrl,
    NODE_USE_ENV_PROXY: "1",
    MAVEN_OPTS: jvm,
    GRADLE_OPTS: jvm,
    SBT_OPTS: jvm,
  };
}
