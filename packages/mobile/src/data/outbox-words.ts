import type { OutboxEntry } from "@farhand/client/app";
import { strings } from "../strings/strings.ts";

/** Why a command is still on this device, in the reader's language; null where there is nothing to say. */
export function reasonOf({
  cause,
  status,
  reason,
  problem,
  retryAt,
  mayHaveArrived,
}: OutboxEntry): string | null {
  const { why } = strings.connection;
  switch (cause) {
    case "unreachable":
      return status === "retrying" && retryAt !== null ? why.noAnswer : why.offline;
    case "server":
      return why.server(problem?.detail ?? "");
    case "rate_limited":
      return why.rateLimited;
    case "signed_out":
      return why.signedOut;
    case "old":
      return mayHaveArrived ? why.oldAndSent : why.old;
    case "behind":
      return why.behind;
    // The server's own words say best what it will not have.
    default:
      return reason;
  }
}
