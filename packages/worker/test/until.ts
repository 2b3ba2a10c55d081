/** Waits for something that must happen. A test that waits in vain is ended by the test runner's own limit. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await Bun.sleep(2);
}
