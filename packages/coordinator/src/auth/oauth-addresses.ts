import type { Peer } from "../domain/identity.ts";
import { ADDRESS_HEADER, BASE_PATH } from "./library.ts";
import type { LibraryKeeper } from "./library-keeper.ts";
import type { ProviderVisits } from "./provider-visits.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";
import { API_AUDIENCE } from "./tokens.ts";

/**
 * The few addresses of the library's that are offered: those of OAuth, for clients that cannot use our pages. It knows
 * dozens more, which nobody needs here; they are not there.
 */
export function createOAuthAddresses(options: {
  keeper: LibraryKeeper;
  tokens: TokenEndpoint;
  visits: ProviderVisits;
  /** Ids of those that send people back. */
  providers: readonly string[];
}): (request: Request, peer: Peer) => Promise<Response> {
  const { keeper, tokens, visits } = options;
  const providers = new Set(options.providers);

  return async (request, peer) => {
    const url = new URL(request.url);
    const path = url.pathname.slice(BASE_PATH.length);
    const known = seenFrom(request, peer);
    switch (`${request.method} ${path}`) {
      case "POST /oauth2/token":
        return tokens.token(known, peer);
      case "POST /oauth2/revoke":
        return tokens.revoke(known, peer);
      case "POST /device/code":
        return tokens.device(known);
      case "GET /jwks":
        return (await keeper.library()).handler(known);
      case "GET /oauth2/authorize":
        return (await keeper.library()).handler(
          new Request(authorization(url).href, { headers: known.headers }),
        );
    }
    const provider = /^\/callback\/([a-z]+)$/.exec(path)?.[1];
    const isBack = provider !== undefined && providers.has(provider) && request.method === "GET";
    const library = isBack ? await keeper.withProvider(provider) : null;
    if (library) return visits.during(peer, () => library.handler(known));
    return Response.json({ error: "not_found" }, { status: 404 });
  };
}

/** The app asks for what there is, and the person is asked each time: another app could give itself out for ours. */
function authorization(url: URL): URL {
  const asked = new URL(url);
  const isLogin = asked.searchParams.get("prompt")?.split(" ").includes("login") ?? false;
  asked.searchParams.set("prompt", isLogin ? "login consent" : "consent");
  asked.searchParams.set("scope", "offline_access");
  asked.searchParams.set("resource", API_AUDIENCE);
  return asked;
}

function seenFrom(request: Request, peer: Peer): Request {
  const headers = new Headers(request.headers);
  headers.delete(ADDRESS_HEADER);
  if (peer.address !== null) headers.set(ADDRESS_HEADER, peer.address);
  return new Request(request, { headers });
}
