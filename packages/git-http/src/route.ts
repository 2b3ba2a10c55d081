/** The two services of git's smart protocol. */
export type GitService = "git-upload-pack" | "git-receive-pack";

export interface SmartRoute {
  service: GitService;
  pathInfo: "/info/refs" | `/${GitService}`;
}

const SERVICES: readonly GitService[] = ["git-upload-pack", "git-receive-pack"];

/** The smart route that a request asks for, or null where there is none (the dumb protocol included). */
export function routeOf(request: Request, pathInfo: string): SmartRoute | null {
  if (request.method === "GET" && pathInfo === "/info/refs") {
    const services = new URL(request.url).searchParams.getAll("service");
    const service = SERVICES.find((name) => services.length === 1 && services[0] === name);
    return service === undefined ? null : { service, pathInfo };
  }
  if (request.method === "POST") {
    const service = SERVICES.find((name) => pathInfo === `/${name}`);
    return service === undefined ? null : { service, pathInfo: `/${service}` };
  }
  return null;
}
