/** What a failed sign-in is called by who reports it, and what people are told. Nothing of the report is shown. */
const SENTENCES: Record<string, string> = {
  not_invited:
    "You are not invited to this server. Its owner can invite you by your login, or with a link; sign in again after that.",
  access_denied: "You have not let this server know who you are, so you are not signed in.",
  account_already_linked_to_different_user: "That account belongs to somebody else on this server.",
  invalid_redirect: "An app wants to be led to an address that is not its own. Nothing was done.",
  invalid_client: "An app that is not known here wants to sign in. Nothing was done.",
};

const OTHER =
  "Signing in did not work. It may have taken too long, or was begun in another window: try again.";

export const sentenceFor = (error: string): string => SENTENCES[error] ?? OTHER;

/** A device as its person would call it, from what it says of itself. */
export function deviceName(kind: "browser" | "app" | "cli", label: string): string {
  if (kind !== "browser") return label || (kind === "cli" ? "Command line" : "App");
  const browser = BROWSERS.find(([, mark]) => mark.test(label))?.[0] ?? "A browser";
  const system = SYSTEMS.find(([, mark]) => mark.test(label))?.[0];
  return system ? `${browser} on ${system}` : browser;
}

const BROWSERS: [string, RegExp][] = [
  ["Edge", /\bEdg/],
  ["Firefox", /\bFirefox\/|\bFxiOS\//],
  ["Opera", /\bOPR\//],
  ["Chrome", /\b(Headless)?Chrom(e|ium)\/|\bCriOS\//],
  ["Safari", /\bSafari\//],
];

const SYSTEMS: [string, RegExp][] = [
  ["Android", /\bAndroid\b/],
  ["an iPhone", /\biPhone\b/],
  ["an iPad", /\biPad\b/],
  ["Windows", /\bWindows\b/],
  ["a Mac", /\bMac OS X\b|\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];
