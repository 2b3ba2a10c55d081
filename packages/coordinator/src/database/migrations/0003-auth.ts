import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Signing in. The tables `auth_…` are better-auth's own, written as its generator writes them for the plugins in use,
 * and frozen here so that our migrator alone says what the schema is. The rest is ours.
 */
export const auth: Migration = {
  async up(database: Kysely<unknown>) {
    const run = async (text: string) => void (await sql.raw(text).execute(database));
    for (const statement of libraryTables) await run(statement);
    // Two callbacks at once must not make two people of one.
    await run(
      'create unique index "auth_account_providerId_accountId_uidx" on "auth_account" ("providerId", "accountId")',
    );
    for (const column of [
      "name TEXT NOT NULL DEFAULT ''",
      "role TEXT NOT NULL DEFAULT 'member'",
      "claimed_at TEXT",
      "removed_at TEXT",
    ])
      await run(`ALTER TABLE users ADD COLUMN ${column}`);
    await run("UPDATE users SET role = 'owner', name = 'Owner' WHERE id = 'u_owner'");
    await database.schema
      .createTable("grants")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("client_id", "text", (column) => column.notNull())
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("address", "text")
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("used_at", "text", (column) => column.notNull())
      .addColumn("expires_at", "text", (column) => column.notNull())
      .execute();
    await database.schema.createIndex("grants_by_user").on("grants").column("user_id").execute();
    await database.schema
      .createTable("sign_in_links")
      .addColumn("token_hash", "text", (column) => column.primaryKey())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("expires_at", "text", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("invites")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("token_hash", "text", (column) => column.unique())
      .addColumn("provider", "text")
      .addColumn("login", "text")
      .addColumn("made_by", "text", (column) => column.notNull().references("users.id"))
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("expires_at", "text", (column) => column.notNull())
      .execute();
  },
};

const libraryTables = [
  `create table "auth_user" (
    "id" text not null primary key,
    "name" text not null,
    "email" text not null unique,
    "emailVerified" integer not null,
    "image" text,
    "createdAt" date not null,
    "updatedAt" date not null,
    "login" text
  )`,
  `create table "auth_session" (
    "id" text not null primary key,
    "expiresAt" date not null,
    "token" text not null unique,
    "createdAt" date not null,
    "updatedAt" date not null,
    "ipAddress" text,
    "userAgent" text,
    "userId" text not null references "auth_user" ("id") on delete cascade
  )`,
  `create table "auth_account" (
    "id" text not null primary key,
    "accountId" text not null,
    "providerId" text not null,
    "userId" text not null references "auth_user" ("id") on delete cascade,
    "accessToken" text,
    "refreshToken" text,
    "idToken" text,
    "accessTokenExpiresAt" date,
    "refreshTokenExpiresAt" date,
    "scope" text,
    "password" text,
    "createdAt" date not null,
    "updatedAt" date not null
  )`,
  `create table "auth_verification" (
    "id" text not null primary key,
    "identifier" text not null,
    "value" text not null,
    "expiresAt" date not null,
    "createdAt" date not null,
    "updatedAt" date not null
  )`,
  `create table "auth_jwks" (
    "id" text not null primary key,
    "publicKey" text not null,
    "privateKey" text not null,
    "createdAt" date not null,
    "expiresAt" date,
    "alg" text,
    "crv" text
  )`,
  `create table "auth_oauth_client" (
    "id" text not null primary key,
    "clientId" text not null unique,
    "clientSecret" text,
    "clientDiscoveryId" text,
    "disabled" integer,
    "skipConsent" integer,
    "enableEndSession" integer,
    "subjectType" text,
    "scopes" text,
    "clientCredentialsScopes" text,
    "userId" text references "auth_user" ("id") on delete cascade,
    "createdAt" date,
    "updatedAt" date,
    "name" text,
    "uri" text,
    "icon" text,
    "contacts" text,
    "tos" text,
    "policy" text,
    "softwareId" text,
    "softwareVersion" text,
    "softwareStatement" text,
    "redirectUris" text not null,
    "postLogoutRedirectUris" text,
    "backchannelLogoutUri" text,
    "backchannelLogoutSessionRequired" integer,
    "tokenEndpointAuthMethod" text,
    "applicationType" text,
    "jwks" text,
    "jwksUri" text,
    "grantTypes" text,
    "responseTypes" text,
    "requirePKCE" integer,
    "dpopBoundAccessTokens" integer,
    "referenceId" text,
    "metadata" text
  )`,
  `create table "auth_oauth_resource" (
    "id" text not null primary key,
    "identifier" text not null unique,
    "name" text not null,
    "accessTokenTtl" integer,
    "refreshTokenTtl" integer,
    "signingAlgorithm" text,
    "signingKeyId" text,
    "allowedScopes" text,
    "customClaims" text,
    "dpopBoundAccessTokensRequired" integer,
    "disabled" integer,
    "createdAt" date,
    "updatedAt" date,
    "policyVersion" integer,
    "metadata" text
  )`,
  `create table "auth_oauth_client_resource" (
    "id" text not null primary key,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "resourceId" text not null references "auth_oauth_resource" ("identifier") on delete cascade,
    "metadata" text,
    "createdAt" date
  )`,
  `create table "auth_oauth_refresh_token" (
    "id" text not null primary key,
    "token" text not null unique,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "sessionId" text references "auth_session" ("id") on delete set null,
    "userId" text not null references "auth_user" ("id") on delete cascade,
    "referenceId" text,
    "authorizationCodeId" text,
    "resources" text,
    "requestedUserInfoClaims" text,
    "expiresAt" date not null,
    "createdAt" date not null,
    "revoked" date,
    "rotatedAt" date,
    "rotationReplayResponse" text,
    "rotationReplayExpiresAt" date,
    "authTime" date,
    "confirmation" text,
    "scopes" text not null
  )`,
  `create table "auth_oauth_access_token" (
    "id" text not null primary key,
    "token" text not null unique,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "sessionId" text references "auth_session" ("id") on delete set null,
    "userId" text references "auth_user" ("id") on delete cascade,
    "referenceId" text,
    "authorizationCodeId" text,
    "resources" text,
    "requestedUserInfoClaims" text,
    "refreshId" text references "auth_oauth_refresh_token" ("id") on delete cascade,
    "expiresAt" date not null,
    "createdAt" date not null,
    "revoked" date,
    "confirmation" text,
    "scopes" text not null
  )`,
  `create table "auth_oauth_consent" (
    "id" text not null primary key,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "userId" text references "auth_user" ("id") on delete cascade,
    "referenceId" text,
    "resources" text,
    "requestedUserInfoClaims" text,
    "scopes" text not null,
    "createdAt" date not null,
    "updatedAt" date not null
  )`,
  `create table "auth_oauth_client_assertion" (
    "id" text not null primary key,
    "expiresAt" date not null
  )`,
  `create table "auth_device_code" (
    "id" text not null primary key,
    "deviceCode" text not null,
    "userCode" text not null,
    "userId" text,
    "expiresAt" date not null,
    "status" text not null,
    "lastPolledAt" date,
    "pollingInterval" integer,
    "clientId" text,
    "scope" text,
    "resources" text,
    "oauthClientId" text
  )`,
  'create index "auth_session_userId_idx" on "auth_session" ("userId")',
  'create index "auth_account_userId_idx" on "auth_account" ("userId")',
  'create index "auth_verification_identifier_idx" on "auth_verification" ("identifier")',
  'create index "auth_oauth_client_userId_idx" on "auth_oauth_client" ("userId")',
  'create index "auth_oauth_client_resource_clientId_idx" on "auth_oauth_client_resource" ("clientId")',
  'create index "auth_oauth_client_resource_resourceId_idx" on "auth_oauth_client_resource" ("resourceId")',
  'create index "auth_oauth_refresh_token_clientId_idx" on "auth_oauth_refresh_token" ("clientId")',
  'create index "auth_oauth_refresh_token_sessionId_idx" on "auth_oauth_refresh_token" ("sessionId")',
  'create index "auth_oauth_refresh_token_userId_idx" on "auth_oauth_refresh_token" ("userId")',
  'create index "auth_oauth_refresh_token_authorizationCodeId_idx" on "auth_oauth_refresh_token" ("authorizationCodeId")',
  'create index "auth_oauth_access_token_clientId_idx" on "auth_oauth_access_token" ("clientId")',
  'create index "auth_oauth_access_token_sessionId_idx" on "auth_oauth_access_token" ("sessionId")',
  'create index "auth_oauth_access_token_userId_idx" on "auth_oauth_access_token" ("userId")',
  'create index "auth_oauth_access_token_authorizationCodeId_idx" on "auth_oauth_access_token" ("authorizationCodeId")',
  'create index "auth_oauth_access_token_refreshId_idx" on "auth_oauth_access_token" ("refreshId")',
  'create index "auth_oauth_consent_clientId_idx" on "auth_oauth_consent" ("clientId")',
  'create index "auth_oauth_consent_userId_idx" on "auth_oauth_consent" ("userId")',
  'create unique index "auth_oauth_client_resource_clientId_resourceId_uidx" on "auth_oauth_client_resource" ("clientId", "resourceId")',
  'create unique index "auth_device_code_deviceCode_uidx" on "auth_device_code" ("deviceCode")',
  'create unique index "auth_device_code_userCode_uidx" on "auth_device_code" ("userCode")',
];
