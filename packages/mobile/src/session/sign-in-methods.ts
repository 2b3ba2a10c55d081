/** How one can sign in at a server. */
export interface SignInMethods {
  providers: readonly { id: string; name: string }[];
  /** False until somebody has opened the setup link. */
  isOwned: boolean;
}

const TIMEOUT_MS = 10_000;

/** Asks the server, before anybody is signed in. @throws when nobody answers there, or no Farhand server */
export async function signInMethods(baseUrl: string): Promise<SignInMethods> {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(`${baseUrl}/api/sign-in-methods`, { signal: aborter.signal });
    const body: unknown = await answer.json();
    const methods = answer.ok ? read(body) : null;
    if (!methods) throw new Error("not a Farhand server");
    return methods;
  } finally {
    clearTimeout(timer);
  }
}

function read(body: unknown): SignInMethods | null {
  const { providers, isOwned } = (body ?? {}) as Record<string, unknown>;
  if (!Array.isArray(providers) || typeof isOwned !== "boolean") return null;
  return {
    isOwned,
    providers: providers.flatMap((it: unknown) => {
      const { id, name } = (it ?? {}) as Record<string, unknown>;
      return typeof id === "string" && /^[a-z]+$/.test(id) && typeof name === "string" ? [{ id, name }] : [];
    }),
  };
}
