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
}
