import { AppState } from "react-native";

/**
 * Calls back when the app goes to the background, from where the system may end it.
 * @returns ends it
 */
export function onPutAway(listener: () => void): () => void {
  const subscription = AppState.addEventListener("change", (state) => {
    if (state === "background") listener();
  });
  return () => subscription.remove();
}
