export interface GitHttpOptions {
  /** Absolute path of the bare repository. */
  repositoryPath: string;
  /** What follows the repository in the URL, such as `/info/refs` or `/git-upload-pack`. */
  pathInfo: string;
  /** Without it every push is answered with 403. */
  allowPush: boolean;
  /** Added to the otherwise empty environment of git and of the repository's hooks. */
  env?: Record<string, string>;
  /** Command-scope configuration, which wins over the repository's own. */
  config?: Record<string, string>;
  /** Name of the authenticated client: hooks see it as `REMOTE_USER`, reflogs as the committer. */
  remoteUser?: string;
  /** Ends the exchange, beside the request's own signal. */
  signal?: AbortSignal;
  /**
   * How long the body may stop coming, and the answer stop being taken, before git is ended; no limit when left out.
   * Time in which git itself computes does not count.
   */
  stallMs?: number;
  /**
   * The most memory that each process of git may take for itself, in bytes; files that it maps do not count. Enforced
   * where `prlimit` of util-linux is installed, and nowhere else.
   */
  maxMemoryBytes?: number;
  /** Called once, when nothing of the call runs any more: git has ended, or was not started. */
  onEnd?: () => void;
}
