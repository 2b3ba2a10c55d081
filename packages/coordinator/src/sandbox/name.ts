/** One name per instance, task and attempt: whoever knows these three finds the sandbox again. */
export function sandboxName(instanceId: string, taskId: string, attempt: number): string {
  return `farhand-${instanceId}-${taskId}-${attempt}`;
}

/** Task and attempt of a name that {@link sandboxName} made for this instance; null for any other. */
export function parseSandboxName(
  instanceId: string,
  name: string,
): { taskId: string; attempt: number } | null {
  const prefix = `farhand-${instanceId}-`;
  const match = name.startsWith(prefix) ? /^(.+)-(\d+)$/.exec(name.slice(prefix.length)) : null;
  return match?.[1] === undefined ? null : { taskId: match[1], attempt: Number(match[2]) };
}
