import type { SessionInfo } from "@farhand/protocol";
import { strings } from "../../strings/strings.ts";

const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ["Edge", /\bEdg/],
  ["Firefox", /\bFirefox\/|\bFxiOS\//],
  ["Opera", /\bOPR\//],
  ["Chrome", /\b(Headless)?Chrom(e|ium)\/|\bCriOS\//],
  ["Safari", /\bSafari\//],
];

const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ["Android", /\bAndroid\b/],
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Windows", /\bWindows\b/],
  ["Mac", /\bMac OS X\b|\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];

/** A device as its person would call it, from what it says of itself. */
export function deviceName({ kind, label }: Pick<SessionInfo, "kind" | "label">): string {
  if (kind !== "browser") return label || strings.settings.kinds[kind];
  const names = [BROWSERS, SYSTEMS].map((known) => known.find(([, mark]) => mark.test(label))?.[0]);
  return names.filter(Boolean).join(", ") || strings.settings.kinds.browser;
}
