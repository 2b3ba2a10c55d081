import { AppState } from "react-native";

/**
 * Calls back with whether the app is what its person sees: at once, and at each change.
 * @returns ends it
 */
export function onInFront(listener: (isInFront: boolean) => void): () => void {
  listener(AppState.currentState === "active");
  const subscription = AppState.addEventListener("change", (state) => listener(state === "active"));
  return () => subscription.remove();
}
