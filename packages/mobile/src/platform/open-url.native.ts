import { openBrowserAsync } from "expo-web-browser";
import { strings } from "../strings/strings.ts";
import { toast } from "../ui/toast.tsx";

/** Shows a site in the system's browser, above the app. */
export function openUrl(url: string): void {
  openBrowserAsync(url).catch(() => toast(strings.common.wrong));
}
