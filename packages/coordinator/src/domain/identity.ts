/** Who asks for something. `auth/` implements it; `http/` and `websocket/` ask it. */
export type Role = "owner" | "member";

export interface Identity {
  userId: string;
  role: Role;
  /** The session that can be listed and revoked; null for the machine's own owner token. */
  sessionId: string | null;
  via: "cookie" | "bearer" | "local";
}

/** Where a request came from, as the server itself saw it. */
export interface Peer {
  /** Address of the connection, or the client's own as a trusted proxy tells it; null when it is not known. */
  address: string | null;
  isLoopback: boolean;
}

export interface Authenticator {
  /** By cookie or `authorization: Bearer …`; null for nobody. */
  identify(headers: Headers, peer: Peer): Promise<Identity | null>;
  /** By the token of a WebSocket's first frame. */
  identifyToken(token: string, peer: Peer): Promise<Identity | null>;
  /** Whether the session still holds: it may have been revoked, or have expired. */
  isValid(identity: Identity): Promise<boolean>;
}
