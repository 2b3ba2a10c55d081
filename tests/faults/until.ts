/** Asks again and again until the answer is not null. Throws, with the name of what was waited for, after `limitMs`. */
export async function until<T>(name: string, limitMs: number, ask: () => Promise<T | null>): Promise<T> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > giveUpAt) throw new Error(`waited ${limitMs / 1000} s in vain for ${name}`);
    await Bun.sleep(25);
  }
}
