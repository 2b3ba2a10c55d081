/** Loads the page anew, which brings the server's own version of the app. */
export const reload: (() => void) | null = () => location.reload();
