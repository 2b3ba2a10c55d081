/** Longer than anything takes here on a machine that has much else to do. */
const GIVE_UP_MS = 20_000;

/** Waits for what has to become true, and says for what it waited in vain. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + GIVE_UP_MS;
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
