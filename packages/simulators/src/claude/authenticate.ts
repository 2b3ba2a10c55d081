import type { IncomingHttpHeaders } from "node:http";
import { ApiError, invalid } from "./api-error.ts";

/** Versions of the API that the Messages API has. Source: https://platform.claude.com/docs/en/api/versioning */
const VERSIONS = ["2026-10-21", "2023-06-01"];

/** Which header a key has to come in. The API itself takes either; services like it often take bearer tokens alone. */
export type KeyHeader = "either" | "bearer";

/** Finds which key a request bears. Throws what the API answers when it is none of them. */
export function authenticate(
  headers: IncomingHttpHeaders,
  apiKeys: readonly string[],
  header: KeyHeader,
): number {
  const key = header === "bearer" ? undefined : headers["x-api-key"];
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (key === undefined && bearer === undefined) {
    const wanted = header === "bearer" ? "Authorization: Bearer" : "x-api-key";
    throw new ApiError("authentication_error", `${wanted} header is required`);
  }
  const index = apiKeys.indexOf(typeof key === "string" ? key : (bearer ?? ""));
  if (index === -1) {
    throw new ApiError(
      "authentication_error",
      key === undefined ? "Invalid bearer token" : "invalid x-api-key",
    );
  }
  return index;
}

export function checkVersion(headers: IncomingHttpHeaders): void {
  const version = headers["anthropic-version"];
  if (version === undefined) throw invalid("anthropic-version: header is required");
  if (typeof version !== "string" || !VERSIONS.includes(version)) {
    throw invalid(`anthropic-version: "${String(version)}" is not a valid version`);
  }
}
