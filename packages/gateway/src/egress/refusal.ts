import { EGRESS_RULE_HEADER, type EgressMode, type EgressRule, NO_ENCRYPTED_NAMES } from "@farhand/protocol";
import { authorityOf, type Target } from "./proxy-request.ts";

const REASON: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  410: "Gone",
  411: "Length Required",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

const NOT_A_FAULT = "This is policy, not a fault: another way will not work either.";

/** The sentences of a refusal, for the agent. */
export function sentenceOf(rule: EgressRule, { host, port }: Target, mode: EgressMode): string {
  const place = authorityOf({ host, port }, 443);
  switch (rule) {
    case "off":
      return `The network is off for this repository, so ${place} cannot be reached. ${NOT_A_FAULT}`;
    case "not_listed": {
      const known = mode === "packages" ? "the public package registries" : "hosts that the user has listed";
      return `${host} may not be reached: only ${known} may. ${NOT_A_FAULT} The user has been told, and can allow the host.`;
    }
    case "port":
      return `${host} may be reached at port 443 with TLS and at port 80 with plain HTTP, but not at port ${port} in this way. ${NOT_A_FAULT} The user can allow ${host}:${port}.`;
    case "ip_literal":
      return `${place} is an IP address: hosts are reached by their names. ${NOT_A_FAULT}`;
    case "private_address":
      return `${host} leads to an address that is not one of the public internet. ${NOT_A_FAULT}`;
    case "server_name":
      return `A connection to ${place} must begin with TLS that names ${host} and no other server. ${NOT_A_FAULT}`;
    case "encrypted_name":
      return `The TLS of a connection to ${place} hides a second name, which is let through only where all hosts are. ${NO_ENCRYPTED_NAMES}`;
    case "connections":
      return "Too many connections are open at once. Wait until some have ended, or open fewer.";
    case "bytes":
      return `This turn has moved as many bytes over the network as it may. ${NOT_A_FAULT}`;
  }
}

/**
 * An answer of the proxy's own. The sentences stand in the status line too: most programs show that of a refused
 * CONNECT and nothing else.
 */
export function proxyAnswer(status: number, detail: string, rule: EgressRule | null = null): Buffer {
  const text = detail.replace(/[^\x20-\x7e]/g, "?");
  const body = `${text}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${rule === null ? (REASON[status] ?? "Refused") : text}`,
    "content-type: text/plain; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    ...(rule === null ? [] : [`${EGRESS_RULE_HEADER}: ${rule}`]),
    "connection: close",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Fatal TLS alerts: all that can be said to a client whose hello was refused. */
export const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);
export const UNSUPPORTED_EXTENSION = Buffer.from([21, 3, 3, 0, 2, 2, 110]);
