/** Under which names the device keeps what can be seen of a task's work: for the screens, and for what is brought ahead of them. */

/** @param from with `to`, the revisions that were asked for: a turn, `base` or `latest` */
export const diffKey = (taskId: string, from: string, to: string): string => `diff/${taskId}/${from}/${to}`;

/** Of a folder or a file; the root is the empty path. */
export const nodeKey = (taskId: string, path: string): string => `file/${taskId}/${path}`;
