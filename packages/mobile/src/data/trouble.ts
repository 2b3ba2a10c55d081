import { ApiError, OutboxError, UnreachableError } from "@farhand/client/app";
import { strings } from "../strings/strings.ts";
import type { Trouble } from "../ui/error-state.tsx";

/** What to tell a person about an error: the server's own words where it said something. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiError) return { title: error.message, action: error.action };
  if (error instanceof OutboxError) return { title: error.message, action: "" };
  if (error instanceof UnreachableError) return { title: strings.signIn.offline, action: "" };
  return { title: strings.common.wrong, action: error instanceof Error ? error.message : "" };
}
