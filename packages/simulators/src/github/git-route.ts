import { serveGit } from "@farhand/git-http";
import { identify, loginOf } from "./identity.ts";
import { mayWrite, type Store } from "./store.ts";

const ROUTE = /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

/** Answers git's requests as GitHub does; null for a request that is none of git's. */
export async function gitRoute(
  request: Request,
  store: Store,
  tokens: Readonly<Record<string, string>>,
): Promise<Response | null> {
  const url = new URL(request.url);
  const match = ROUTE.exec(url.pathname);
  if (match === null) return null;
  const [, owner = "", name = "", pathInfo = ""] = match;
  const identity = identify(request.headers.get("authorization"), tokens);
  if (identity.kind === "rejected") {
    return challenge(
      "Invalid username or token. Password authentication is not supported for Git operations.\n",
    );
  }
  const login = loginOf(identity);
  const pushes = pathInfo === "/git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  const repository = store.visible(owner, name, login);
  if (repository === null) {
    // Whoever is not signed in is not told whether a private repository exists.
    return login === null ? challenge("Repository not found.\n") : text(404, "Repository not found.\n");
  }
  if (pushes && login === null) return challenge("No anonymous write access.\n");
  if (pushes && !mayWrite(repository, login)) {
    return text(403, `Permission to ${repository.owner}/${repository.name}.git denied to ${login}.\n`);
  }
  if (pushes && request.method === "POST") repository.pushedAt = new Date();
  return await serveGit(request, {
    repositoryPath: repository.path,
    pathInfo,
    allowPush: pushes,
    ...(login === null ? {} : { remoteUser: login }),
  });
}

function challenge(body: string): Response {
  return text(401, body, { "www-authenticate": 'Basic realm="GitHub"' });
}

function text(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}
