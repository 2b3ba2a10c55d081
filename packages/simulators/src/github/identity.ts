/** Who sent a request: nobody, somebody with a good token, or somebody with a bad one. */
export type Identity = { kind: "anonymous" } | { kind: "user"; login: string } | { kind: "rejected" };

/** Reads `Authorization`: `Bearer` and `token` for REST, `Basic` with the token as password for git. */
export function identify(header: string | null, tokens: Readonly<Record<string, string>>): Identity {
  if (header === null) return { kind: "anonymous" };
  const [scheme = "", value = ""] = header.split(/\s+/, 2);
  const token = scheme.toLowerCase() === "basic" ? passwordOf(value) : value;
  const login = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  return login === undefined ? { kind: "rejected" } : { kind: "user", login };
}

function passwordOf(value: string): string {
  const pair = Buffer.from(value, "base64").toString();
  return pair.slice(pair.indexOf(":") + 1);
}

export function loginOf(identity: Identity): string | null {
  return identity.kind === "user" ? identity.login : null;
}
