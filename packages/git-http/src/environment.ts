import type { GitHttpOptions } from "./options.ts";
import type { SmartRoute } from "./route.ts";

/**
 * The whole environment of the CGI program (RFC 3875). Nothing is inherited but `PATH`, so that no secret of
 * the server can reach git or a hook, and neither user nor system configuration is read.
 */
export function cgiEnvironment(
  request: Request,
  route: SmartRoute,
  options: GitHttpOptions,
): Record<string, string> {
  const { headers } = request;
  const header = (name: string, variable: string) => {
    const value = headers.get(name);
    return value === null ? {} : { [variable]: value };
  };
  return {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    ...options.env,
    ...configEnvironment({
      // The server may run as another user than the owner of the repository; the caller chose the path.
      "safe.directory": "*",
      "http.receivepack": options.allowPush ? "true" : "false",
      ...options.config,
    }),
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_PROJECT_ROOT: options.repositoryPath,
    PATH_INFO: route.pathInfo,
    REQUEST_METHOD: request.method,
    QUERY_STRING: request.method === "GET" ? `service=${route.service}` : "",
    ...header("content-type", "CONTENT_TYPE"),
    // A chunked body has no length: git then reads until the end of its input.
    ...header("content-length", "CONTENT_LENGTH"),
    ...header("content-encoding", "HTTP_CONTENT_ENCODING"),
    ...header("git-protocol", "GIT_PROTOCOL"),
    ...(options.remoteUser === undefined ? {} : { REMOTE_USER: options.remoteUser }),
  };
}

function configEnvironment(config: Record<string, string>): Record<string, string> {
  const entries = Object.entries(config);
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
}
