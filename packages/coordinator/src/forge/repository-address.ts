import { normalize } from "node:path";
import { failure } from "../domain/failure.ts";

/** A repository as the user named it, checked and in one form. */
export type RepositoryAddress =
  | { kind: "path" /** Absolute path on this machine. */; address: string }
  | {
      kind: "url";
      /** The form that git takes: a URL, or `user@host:path` where that was given. */
      address: string;
      scheme: "http" | "https" | "ssh";
      /** With the port where one was given. */
      host: string;
      /** Without slashes at its ends and without `.git`. */
      path: string;
    };

const ACTION = "Give a URL such as https://github.com/owner/name, git@host:owner/name, or an absolute path.";

/**
 * Checks what the user gave as a repository. Throws `invalid_request`, or `repository_url_has_credential` for
 * an address with a password or token in it, which would end up in logs and in the database.
 */
export function parseRepository(input: string): RepositoryAddress {
  const text = input.trim();
  if (text === "") throw refused("The repository is empty.");
  if (/\p{Cc}/u.test(text)) throw refused("The repository's address holds a control character.");
  if (text.startsWith("-")) throw refused("The repository's address begins with a dash.");
  if (text.startsWith("/")) return pathAddress(text);
  const short = /^([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+):(.+)$/.exec(text);
  if (short !== null) return shortAddress(short);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === "file") return fileAddress(text);
  if (scheme === "http" || scheme === "https" || scheme === "ssh") return urlAddress(text, scheme);
  if (BARE.test(text)) return urlAddress(`https://${text}`, "https");
  throw refused(`${quoted(text)} is not an address that Farhand takes.`);
}

/** `github.com/owner/name`, as people write it and as {@link repositoryName} gives it. */
const BARE = /^([a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+|\[[0-9a-f:.]+\])(:\d+)?\/[^/]/i;

/** One name for all addresses of a repository: `github.com/owner/name`, or a path on this machine. Its own name is that again. */
export function repositoryName(input: string): string {
  const parsed = parseRepository(input);
  if (parsed.kind === "path") return parsed.address;
  const host = parsed.scheme === "ssh" ? parsed.host.replace(/:\d+$/, "") : parsed.host;
  return `${host}/${parsed.path}`;
}

function urlAddress(text: string, scheme: "http" | "https" | "ssh"): RepositoryAddress {
  if (!URL.canParse(text)) throw refused(`${quoted(text)} is not a valid URL.`);
  const url = new URL(text);
  // A user's name is part of an ssh address; in a web address it is a token more often than not.
  if (url.password !== "" || (url.username !== "" && scheme !== "ssh")) throw hasCredential();
  if (url.search !== "" || url.hash !== "") throw refused("The repository's URL has a ? or # in it.");
  const host = url.host.toLowerCase();
  const path = plainPath(url.pathname);
  if (host === "" || host.startsWith("-")) throw refused("The repository's URL has no host.");
  if (url.username.startsWith("-")) throw refused("The repository's URL has a user that begins with a dash.");
  if (path === "") throw refused("The repository's URL has no path.");
  const user = url.username === "" ? "" : `${url.username}@`;
  const address = `${scheme}://${user}${host}${url.pathname.replace(/\/+$/, "")}`;
  return { kind: "url", address, scheme, host, path };
}

function shortAddress([, user = "", host = "", given = ""]: RegExpExecArray): RepositoryAddress {
  if (user.startsWith("-") || host.startsWith("-") || given.startsWith("-")) {
    throw refused("A part of the repository's address begins with a dash.");
  }
  if (given.startsWith(":")) throw refused(`${quoted(`${user}@${host}:${given}`)} is not a valid address.`);
  const path = plainPath(given);
  if (path === "") throw refused("The repository's address has no path.");
  const lower = host.toLowerCase();
  const address = `${user}@${lower}:${given.replace(/\/+$/, "")}`;
  return { kind: "url", address, scheme: "ssh", host: lower, path };
}

function fileAddress(text: string): RepositoryAddress {
  if (!URL.canParse(text)) throw refused(`${quoted(text)} is not a valid URL.`);
  const url = new URL(text);
  if (url.host !== "" && url.host !== "localhost") throw refused("A file URL names a file of this machine.");
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    throw refused(`${quoted(text)} is not a valid URL.`);
  }
  if (/\p{Cc}/u.test(path)) throw refused("The repository's address holds a control character.");
  return pathAddress(path);
}

function pathAddress(path: string): RepositoryAddress {
  const address = normalize(path).replace(/(?<=.)\/+$/, "");
  if (address === "/") throw refused("The root folder is no repository.");
  return { kind: "path", address };
}

function plainPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
}

function hasCredential() {
  return failure(
    "repository_url_has_credential",
    "The repository's address holds a user name, password or token.",
    "Give the address without it, and add a token for its host with `farhand keys add`.",
  );
}

function refused(message: string) {
  return failure("invalid_request", message, ACTION);
}

/** As it may be shown; an address that was not understood could hold a password before an @. */
function quoted(text: string): string {
  return JSON.stringify(text.replace(/^([a-z0-9+.-]*:\/\/)?.*@/i, "$1…@").slice(0, 200));
}
