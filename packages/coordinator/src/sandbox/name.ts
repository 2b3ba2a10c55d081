/** One name per instance, task and attempt: whoever knows these three finds the sandbox again. */
export function sandboxName(instanceId: string, taskId: string, attempt: number): string {
  return `farhand-${instanceId}-${taskId}-${attempt}`;
}
