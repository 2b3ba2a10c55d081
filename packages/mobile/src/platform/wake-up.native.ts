import { AppState } from "react-native";

/**
 * Calls back when the app comes to the foreground. Changes of the network show themselves: the connection breaks.
 * @returns ends it
 */
export function onWakeUp(listener: () => void): () => void {
  const subscription = AppState.addEventListener("change", (state) => {
    if (state === "active") listener();
  });
  return () => subscription.remove();
}
