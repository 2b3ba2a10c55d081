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
}

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
  return { socket, token, workspace, path: env.PATH || DEFAULT_PATH };
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
}): Record<string, string> {
  return {
    PATH: options.path,
    HOME: options.home,
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_EDITOR: "true",
    GIT_TERMINAL_PROMPT: "0",
    ...gitIdentity(options.author),
  };
}
