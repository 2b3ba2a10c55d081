import { addNetworkStateListener } from "expo-network";
import { AppState } from "react-native";

/**
 * Calls back when the app comes to the foreground, or the network has come, gone or changed: a connection over the old one
 * may hang for a while before it breaks.
 * @returns ends it
 */
export function onWakeUp(listener: () => void): () => void {
  const front = AppState.addEventListener("change", (state) => {
    if (state === "active") listener();
  });
  const network = onNetworkChange(listener);
  return () => {
    front.remove();
    network();
  };
}

/** Phones repeat what they have said, with every change of a signal's strength. */
function onNetworkChange(listener: () => void): () => void {
  let before: string | null = null;
  const subscription = addNetworkStateListener(({ type, isConnected, isInternetReachable }) => {
    const now = JSON.stringify([type, isConnected, isInternetReachable]);
    if (now === before) return;
    before = now;
    listener();
  });
  return () => subscription.remove();
}
