const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** The address if it leads to a page or a letter; null for what runs something, or leads into this app or device. */
export function safeLink(href: string): string | null {
  const url = parsed(href.trim());
  if (!url || !ALLOWED.has(url.protocol)) return null;
  // A name and a password before the host are how one host is dressed up as another.
  return url.username === "" && url.password === "" ? url.href : null;
}

/** Where a link leads, where its text names another place; null where it does not. */
export function hiddenHost(href: string, text: string): string | null {
  const url = parsed(href);
  if (!url?.host) return null;
  const named = /^(?:https?:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/?#]|$)/i.exec(text.trim())?.[1];
  if (!named) return null;
  const plain = (host: string) => host.toLowerCase().replace(/^www\./, "");
  return plain(named) === plain(url.hostname) || isFileName(named) ? null : url.host;
}

/** `README.md` reads like a host and is none. */
const isFileName = (name: string): boolean =>
  /\.(md|ts|tsx|js|jsx|json|py|rs|go|txt|css|html|ya?ml|toml|sh)$/i.test(name);

function parsed(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    // Relative ones lead nowhere from here.
    return null;
  }
}
