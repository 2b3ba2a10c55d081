import { createHash } from "node:crypto";

const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/**
 * Where a user's mirror of a repository lies, relative to the folder of mirrors: `user/host/owner/name.git`.
 * Mirrors are never shared between users, since a task can read all that its mirror holds. A web address means
 * the same with `.git` and without; paths of this machine are told apart by a hash. No address leads out of
 * the folder.
 * @param url a normalised repository URL or absolute path, without a credential.
 */
export function mirrorPath(userId: string, url: string): string {
  const { host, path } = split(url);
  const segments = path.split("/").filter((segment) => segment !== "");
  const name = (segments.pop() ?? "").replace(/\.git$/, "");
  const isPlain =
    host !== null &&
    [host, ...segments, name].every((part) => PLAIN_NAME.test(part)) &&
    // A folder that ends in .git would lie inside of another mirror.
    ![...segments, name].some((segment) => /\.git$/i.test(segment));
  const place = isPlain
    ? [...segments, name].join("/")
    : `${safeName(name)}-${shortHash(url.replace(/\/+$/, ""))}`;
  return `${nameOf(userId)}/${host === null ? "local" : nameOf(host)}/${place}.git`;
}

/** The host is null for a path of this machine. */
function split(url: string): { host: string | null; path: string } {
  if (url.startsWith("/")) return { host: null, path: url };
  const short = /^[^/@:]+@([^/:]+):(.+)$/.exec(url);
  if (short?.[1] && short[2]) return { host: short[1].toLowerCase(), path: short[2] };
  if (!URL.canParse(url)) return { host: null, path: url };
  const parsed = new URL(url);
  if (parsed.protocol === "file:") return { host: null, path: parsed.pathname };
  return { host: parsed.host.toLowerCase().replace(":", "_"), path: parsed.pathname };
}

function nameOf(text: string): string {
  return PLAIN_NAME.test(text) ? text : `${safeName(text)}-${shortHash(text)}`;
}

function safeName(text: string): string {
  return (
    text
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 60) || "repository"
  );
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
