import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import type { CookieJar } from "./cookie-jar.ts";

/** A certified OpenID Connect provider that others wrote, with one program registered. */
export async function startIdentityProvider(redirectUri: string) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "farhand",
        client_secret: "a-secret-of-the-identity-provider",
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"] },
    findAccount: async (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, name: `Person ${sub}`, preferred_username: sub }),
    }),
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
  });
  server.on("request", provider.callback());
  return {
    issuer,
    /** Signs somebody in on the pages that have come, and lets the program know of it. */
    async signIn(jar: CookieJar, page: { url: URL; answer: Response }, login: string) {
      const asked = await jar.press(page, { login, password: "anything" });
      return asked.url.host === new URL(issuer).host ? jar.press(asked, {}) : asked;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
