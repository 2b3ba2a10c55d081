/** Small texts that this device keeps. A browser that keeps nothing (private windows) forgets them. */
export const storage = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Full, or forbidden: it holds until the page is closed.
    }
  },
};
