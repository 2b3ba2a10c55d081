import { until } from "./until.ts";

/** The process id that a file holds, once it does. */
export async function pidIn(path: string): Promise<number> {
  for (;;) {
    const text = await Bun.file(path)
      .text()
      .catch(() => "");
    if (text.endsWith("\n")) return Number(text);
    await Bun.sleep(2);
  }
}

export const untilDead = (pid: number): Promise<void> => until(() => !isAlive(pid));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
