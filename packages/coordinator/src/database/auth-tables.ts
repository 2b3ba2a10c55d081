import type { Generated } from "kysely";

/** Those of better-auth's tables and columns that we look into ourselves. Its own code keeps the rest. */
export interface AuthTables {
  auth_user: {
    id: string;
    name: string;
    email: string;
    emailVerified: number;
    createdAt: string;
    updatedAt: string;
    /** What the provider called them whom they first came from; null for who came by a link. */
    login: string | null;
  };
  auth_session: {
    id: string;
    userId: string;
    userAgent: string | null;
    ipAddress: string | null;
    createdAt: string;
    expiresAt: string;
  };
  auth_account: {
    id: string;
    providerId: string;
    accountId: string;
    userId: string;
    accessToken: string | null;
    refreshToken: string | null;
    idToken: string | null;
    createdAt: string;
  };
  auth_oauth_refresh_token: {
    id: string;
    token: string;
    userId: string;
    /** The grant that it belongs to. */
    referenceId: string | null;
    revoked: string | null;
    rotationReplayExpiresAt: string | null;
    expiresAt: string;
  };
  auth_device_code: { expiresAt: string };
  auth_verification: { expiresAt: string };
  auth_jwks: { id: string; privateKey: string };
  /** An app or a command line that is signed in, from its first token to its last. */
  grants: {
    id: string;
    user_id: string;
    client_id: string;
    label: string;
    address: string | null;
    created_at: string;
    used_at: string;
    expires_at: string;
  };
  sign_in_links: {
    token_hash: string;
    kind: string;
    user_id: string;
    created_at: string;
    expires_at: string;
  };
  invites: {
    id: string;
    /** Null for one by login. */
    token_hash: string | null;
    provider: string | null;
    login: string | null;
    made_by: string;
    created_at: string;
    expires_at: string;
  };
}

/** People, besides their id and login. */
export interface UserColumns {
  name: Generated<string>;
  role: Generated<string>;
  /** When the owner first signed in. */
  claimed_at: string | null;
  removed_at: string | null;
}
