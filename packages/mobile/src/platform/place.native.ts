import { addEventListener, getInitialURL, parse } from "expo-linking";

/** A phone's app has no address of its own. */
export const currentPlace = (): string | null => null;

/** Hears of links that open the app, with their paths. @returns ends it */
export function onLink(listener: (path: string) => void): () => void {
  const hear = (url: string | null) => {
    if (url === null) return;
    const { hostname, path } = parse(url);
    // `farhand://task/…` has its first word where an address has its host.
    const search = url.includes("?") ? url.slice(url.indexOf("?")) : "";
    const parts = url.startsWith("farhand:") ? [hostname, path] : [path];
    listener(`/${parts.filter(Boolean).join("/")}${search}`);
  };
  void getInitialURL().then(hear);
  const subscription = addEventListener("url", ({ url }) => hear(url));
  return () => subscription.remove();
}
