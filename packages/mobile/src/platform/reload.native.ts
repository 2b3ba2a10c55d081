/** A store brings other versions of the app. */
export const reload: (() => void) | null = null;
