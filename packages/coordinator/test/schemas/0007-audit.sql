CREATE TABLE "attempts" ("task_id" text not null references "tasks" ("id"), "attempt" integer not null, "token_hash" text not null, "acknowledged" integer default 0 not null, "started_at" text not null, "ended_at" text, "exit_code" integer, constraint "attempts_key" primary key ("task_id", "attempt"));
CREATE TABLE "audit" ("id" integer primary key autoincrement, "at" text not null, "user_id" text, "action" text not null, "subject" text not null, "address" text, "detail" text not null);
CREATE TABLE "auth_account" (
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
  );
CREATE TABLE "auth_device_code" (
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
  );
CREATE TABLE "auth_jwks" (
    "id" text not null primary key,
    "publicKey" text not null,
    "privateKey" text not null,
    "createdAt" date not null,
    "expiresAt" date,
    "alg" text,
    "crv" text
  );
CREATE TABLE "auth_oauth_access_token" (
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
  );
CREATE TABLE "auth_oauth_client" (
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
  );
CREATE TABLE "auth_oauth_client_assertion" (
    "id" text not null primary key,
    "expiresAt" date not null
  );
CREATE TABLE "auth_oauth_client_resource" (
    "id" text not null primary key,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "resourceId" text not null references "auth_oauth_resource" ("identifier") on delete cascade,
    "metadata" text,
    "createdAt" date
  );
CREATE TABLE "auth_oauth_consent" (
    "id" text not null primary key,
    "clientId" text not null references "auth_oauth_client" ("clientId") on delete cascade,
    "userId" text references "auth_user" ("id") on delete cascade,
    "referenceId" text,
    "resources" text,
    "requestedUserInfoClaims" text,
    "scopes" text not null,
    "createdAt" date not null,
    "updatedAt" date not null
  );
CREATE TABLE "auth_oauth_refresh_token" (
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
  );
CREATE TABLE "auth_oauth_resource" (
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
  );
CREATE TABLE "auth_session" (
    "id" text not null primary key,
    "expiresAt" date not null,
    "token" text not null unique,
    "createdAt" date not null,
    "updatedAt" date not null,
    "ipAddress" text,
    "userAgent" text,
    "userId" text not null references "auth_user" ("id") on delete cascade
  );
CREATE TABLE "auth_user" (
    "id" text not null primary key,
    "name" text not null,
    "email" text not null unique,
    "emailVerified" integer not null,
    "image" text,
    "createdAt" date not null,
    "updatedAt" date not null,
    "login" text
  );
CREATE TABLE "auth_verification" (
    "id" text not null primary key,
    "identifier" text not null,
    "value" text not null,
    "expiresAt" date not null,
    "createdAt" date not null,
    "updatedAt" date not null
  );
CREATE TABLE "conversation" ("task_id" text not null references "tasks" ("id"), "position" integer not null, "turn" integer not null, "role" text not null, "content" text not null, constraint "conversation_key" primary key ("task_id", "position"));
CREATE TABLE "costs" ("user_id" text not null references "users" ("id"), "day" text not null, "task_id" text not null references "tasks" ("id"), "model" text not null, "calls" integer not null, "input_tokens" integer not null, "output_tokens" integer not null, "cache_creation_input_tokens" integer not null, "cache_read_input_tokens" integer not null, "cost_usd" real not null, "unpriced_tokens" integer not null, constraint "costs_key" primary key ("user_id", "day", "task_id", "model"));
CREATE TABLE "egress_policies" ("user_id" text not null references "users" ("id"), "repository" text not null, "mode" text, "hosts" text not null, constraint "egress_policies_key" primary key ("user_id", "repository"));
CREATE TABLE "egress_refusals" ("task_id" text not null references "tasks" ("id"), "turn" integer not null, "host" text not null, constraint "egress_refusals_key" primary key ("task_id", "turn", "host"));
CREATE TABLE "events" ("task_id" text not null references "tasks" ("id"), "seq" integer not null, "attempt" integer not null, "at" text not null, "type" text not null, "body" text not null, constraint "events_key" primary key ("task_id", "seq"));
CREATE TABLE "grants" ("id" text primary key, "user_id" text not null references "users" ("id"), "client_id" text not null, "label" text not null, "address" text, "created_at" text not null, "used_at" text not null, "expires_at" text not null);
CREATE TABLE "inbox" ("task_id" text not null references "tasks" ("id"), "n" integer not null, "type" text not null, "created_at" text not null, constraint "inbox_key" primary key ("task_id", "n"));
CREATE TABLE "invites" ("id" text primary key, "token_hash" text unique, "provider" text, "login" text, "made_by" text not null references "users" ("id"), "created_at" text not null, "expires_at" text not null);
CREATE TABLE "keys" ("id" text primary key, "user_id" text not null references "users" ("id"), "purpose" text not null, "slot" text not null, "base_url" text not null, "key_id" text not null, "box" text not null, "last_four" text not null, "added_at" text not null, "check_result" text not null, "checked_at" text, "check_message" text not null, constraint "keys_slot" unique ("user_id", "purpose", "slot"));
CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "repository_secrets" ("user_id" text not null references "users" ("id"), "repository" text not null, "name" text not null, "key_id" text not null, "box" text not null, "for_agent" integer not null, "last_four" text not null, "added_at" text not null, constraint "repository_secrets_key" primary key ("user_id", "repository", "name"));
CREATE TABLE "requests" ("user_id" text not null references "users" ("id"), "key" text not null, "request_hash" text not null, "status" integer not null, "content_type" text not null, "body" text not null, "created_at" text not null, constraint "requests_key" primary key ("user_id", "key"));
CREATE TABLE "settings" ("user_id" text not null references "users" ("id"), "key" text not null, "value" text not null, constraint "settings_key" primary key ("user_id", "key"));
CREATE TABLE "sign_in_links" ("token_hash" text primary key, "kind" text not null, "user_id" text not null references "users" ("id"), "created_at" text not null, "expires_at" text not null);
CREATE TABLE "tasks" ("id" text primary key, "user_id" text not null references "users" ("id"), "state" text not null, "repository" text not null, "forge" text not null, "base_branch" text, "base_commit" text, "branch" text not null, "model" text not null, "prompt" text not null, "title" text, "summary" text, "commit_id" text, "files_changed" integer, "pull_request_url" text, "attempt" integer default 0 not null, "turn" integer default 1 not null, "last_seq" integer default 0 not null, "input_tokens" integer default 0 not null, "output_tokens" integer default 0 not null, "cache_creation_input_tokens" integer default 0 not null, "cache_read_input_tokens" integer default 0 not null, "failure" text, "lease_owner" text, "lease_until_ms" integer, "created_at" text not null, "updated_at" text not null, "request_key" text, "revision" text, "forked_task" text, "delayed_by" text, "archived_at" text, "queued_at" text, "forked_turn" integer, "disk_bytes" integer, "measured_ms" integer, "losses" integer default 0 not null, "removed" integer default 0 not null, "worked_ms" integer default 0 not null, cost_usd REAL NOT NULL DEFAULT 0, unpriced_tokens INTEGER NOT NULL DEFAULT 0, budget_usd REAL, budget_tokens INTEGER, budget_reached TEXT);
CREATE TABLE "turns" ("task_id" text not null references "tasks" ("id"), "turn" integer not null, "message_id" text not null, "text" text not null, "started_at" text not null, "ended_at" text, "start_revision" text, "end_revision" text, "finished" integer default 0 not null, "stopping" text, "worked_ms" integer default 0 not null, "discarded" integer default 0 not null, constraint "turns_key" primary key ("task_id", "turn"));
CREATE TABLE "user_messages" ("task_id" text not null references "tasks" ("id"), "message_id" text not null, "text" text not null, "status" text not null, "turn" integer not null, "opening" integer default 0 not null, "position" integer not null, "delivery" integer, "created_at" text not null, constraint "user_messages_key" primary key ("task_id", "message_id"));
CREATE TABLE "users" ("id" text primary key, "login" text not null unique, "token_hash" text not null unique, "created_at" text not null, name TEXT NOT NULL DEFAULT '', role TEXT NOT NULL DEFAULT 'member', claimed_at TEXT, removed_at TEXT);
CREATE TABLE "webhook_deliveries" ("id" text primary key, "at" text not null);
CREATE INDEX "audit_by_user" on "audit" ("user_id", "id");
CREATE UNIQUE INDEX "auth_account_providerId_accountId_uidx" on "auth_account" ("providerId", "accountId");
CREATE INDEX "auth_account_userId_idx" on "auth_account" ("userId");
CREATE UNIQUE INDEX "auth_device_code_deviceCode_uidx" on "auth_device_code" ("deviceCode");
CREATE UNIQUE INDEX "auth_device_code_userCode_uidx" on "auth_device_code" ("userCode");
CREATE INDEX "auth_oauth_access_token_authorizationCodeId_idx" on "auth_oauth_access_token" ("authorizationCodeId");
CREATE INDEX "auth_oauth_access_token_clientId_idx" on "auth_oauth_access_token" ("clientId");
CREATE INDEX "auth_oauth_access_token_refreshId_idx" on "auth_oauth_access_token" ("refreshId");
CREATE INDEX "auth_oauth_access_token_sessionId_idx" on "auth_oauth_access_token" ("sessionId");
CREATE INDEX "auth_oauth_access_token_userId_idx" on "auth_oauth_access_token" ("userId");
CREATE INDEX "auth_oauth_client_resource_clientId_idx" on "auth_oauth_client_resource" ("clientId");
CREATE UNIQUE INDEX "auth_oauth_client_resource_clientId_resourceId_uidx" on "auth_oauth_client_resource" ("clientId", "resourceId");
CREATE INDEX "auth_oauth_client_resource_resourceId_idx" on "auth_oauth_client_resource" ("resourceId");
CREATE INDEX "auth_oauth_client_userId_idx" on "auth_oauth_client" ("userId");
CREATE INDEX "auth_oauth_consent_clientId_idx" on "auth_oauth_consent" ("clientId");
CREATE INDEX "auth_oauth_consent_userId_idx" on "auth_oauth_consent" ("userId");
CREATE INDEX "auth_oauth_refresh_token_authorizationCodeId_idx" on "auth_oauth_refresh_token" ("authorizationCodeId");
CREATE INDEX "auth_oauth_refresh_token_clientId_idx" on "auth_oauth_refresh_token" ("clientId");
CREATE INDEX "auth_oauth_refresh_token_sessionId_idx" on "auth_oauth_refresh_token" ("sessionId");
CREATE INDEX "auth_oauth_refresh_token_userId_idx" on "auth_oauth_refresh_token" ("userId");
CREATE INDEX "auth_session_userId_idx" on "auth_session" ("userId");
CREATE INDEX "auth_verification_identifier_idx" on "auth_verification" ("identifier");
CREATE INDEX "grants_by_user" on "grants" ("user_id");
CREATE INDEX "requests_by_time" on "requests" ("created_at");
CREATE UNIQUE INDEX "tasks_by_request" on "tasks" ("user_id", "request_key");
CREATE INDEX "tasks_by_state" on "tasks" ("state", "id");
CREATE INDEX "tasks_by_user" on "tasks" ("user_id", "id");
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0001-first', '2026-11-25T18:53:01.513Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0002-turns', '2026-11-25T18:53:01.525Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0003-auth', '2026-11-25T18:53:01.553Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0004-vault', '2026-11-25T18:53:01.556Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0005-budget', '2026-11-25T18:53:01.560Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0006-egress', '2026-11-25T18:53:01.562Z');
INSERT INTO "kysely_migration" ("name", "timestamp") VALUES ('0007-audit', '2026-11-25T18:53:01.565Z');
INSERT INTO "kysely_migration_lock" ("id", "is_locked") VALUES ('migration_lock', 0);
INSERT INTO "users" ("id", "login", "token_hash", "created_at", "name", "role", "claimed_at", "removed_at") VALUES ('u_owner', 'owner', '38851eb06f4b06ff5fea7c099bc1eebb536a867706a96c3656ed79076503cb6d', '2026-01-01T00:00:00.000Z', '', 'owner', NULL, NULL);
INSERT INTO "settings" ("user_id", "key", "value") VALUES ('u_owner', 'defaultModel', '"claude-opus-5-5"');
INSERT INTO "tasks" ("id", "user_id", "state", "repository", "forge", "base_branch", "base_commit", "branch", "model", "prompt", "title", "summary", "commit_id", "files_changed", "pull_request_url", "attempt", "turn", "last_seq", "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "failure", "lease_owner", "lease_until_ms", "created_at", "updated_at", "request_key", "revision", "forked_task", "delayed_by", "archived_at", "queued_at", "forked_turn", "disk_bytes", "measured_ms", "losses", "removed", "worked_ms", "cost_usd", "unpriced_tokens", "budget_usd", "budget_tokens", "budget_reached") VALUES ('t_00000000000000000000000001', 'u_owner', 'waiting', 'https://git.example.com/o/r', 'plain', NULL, NULL, 'farhand/task-1', 'claude-sonnet-5-5', 'prompt 1', NULL, NULL, NULL, NULL, NULL, 1, 1, 11, 10, 20, 30, 40, NULL, 'a', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'key-1', NULL, NULL, NULL, NULL, '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, 0, 0, 0, 0.25, 0, 5, NULL, '{"scope":"task","limit":{"maxUsd":0.2,"maxTokens":null},"spent":{"usd":0.25,"tokens":100}}');
INSERT INTO "tasks" ("id", "user_id", "state", "repository", "forge", "base_branch", "base_commit", "branch", "model", "prompt", "title", "summary", "commit_id", "files_changed", "pull_request_url", "attempt", "turn", "last_seq", "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "failure", "lease_owner", "lease_until_ms", "created_at", "updated_at", "request_key", "revision", "forked_task", "delayed_by", "archived_at", "queued_at", "forked_turn", "disk_bytes", "measured_ms", "losses", "removed", "worked_ms", "cost_usd", "unpriced_tokens", "budget_usd", "budget_tokens", "budget_reached") VALUES ('t_00000000000000000000000002', 'u_owner', 'queued', 'https://git.example.com/o/r', 'plain', NULL, NULL, 'farhand/task-2', 'claude-sonnet-5-5', 'prompt 2', NULL, NULL, NULL, NULL, NULL, 0, 1, 2, 0, 0, 0, 0, NULL, NULL, NULL, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, NULL, NULL, '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL);
INSERT INTO "attempts" ("task_id", "attempt", "token_hash", "acknowledged", "started_at", "ended_at", "exit_code") VALUES ('t_00000000000000000000000001', 1, '3f08aace122ee2368432c1ca23a049bc640bafbf00fdf33a52429f38ba12dbf9', 2, '2026-01-01T00:00:00.000Z', NULL, NULL);
INSERT INTO "audit" ("id", "at", "user_id", "action", "subject", "address", "detail") VALUES (1, '2026-01-01T00:00:00.000Z', 'u_owner', 'task.created', 't_00000000000000000000000001', NULL, '');
INSERT INTO "auth_user" ("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "login") VALUES ('u_owner', 'owner', 'u_owner@users.invalid', 1, NULL, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', NULL);
INSERT INTO "conversation" ("task_id", "position", "turn", "role", "content") VALUES ('t_00000000000000000000000001', 1, 1, 'user', '[{"type":"text","text":"prompt 1"}]');
INSERT INTO "conversation" ("task_id", "position", "turn", "role", "content") VALUES ('t_00000000000000000000000001', 2, 1, 'assistant', '[{"type":"tool_use","id":"toolu_1","name":"bash","input":{"command":"ls"}}]');
INSERT INTO "conversation" ("task_id", "position", "turn", "role", "content") VALUES ('t_00000000000000000000000002', 1, 1, 'user', '[{"type":"text","text":"prompt 2"}]');
INSERT INTO "costs" ("user_id", "day", "task_id", "model", "calls", "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cost_usd", "unpriced_tokens") VALUES ('u_owner', '2026-01-01', 't_00000000000000000000000001', 'claude-sonnet-5-5', 1, 10, 20, 30, 40, 0.25, 0);
INSERT INTO "egress_policies" ("user_id", "repository", "mode", "hosts") VALUES ('u_owner', '', 'list', '["a.example.com"]');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 1, 0, '2026-01-01T00:00:00.000Z', 'task.created', '{"type":"task.created","repository":"https://git.example.com/o/r","prompt":"prompt 1","model":"claude-sonnet-5-5","baseBranch":null,"branch":"farhand/task-1","forkedFrom":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 2, 0, '2026-01-01T00:00:00.000Z', 'budget.changed', '{"type":"budget.changed","maxUsd":5,"maxTokens":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 3, 0, '2026-01-01T00:00:00.000Z', 'turn.started', '{"type":"turn.started","turn":1,"messageId":"m_00000000000000000000000001","text":"prompt 1","isRetry":false}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 4, 1, '2026-01-01T00:00:00.000Z', 'state.changed', '{"type":"state.changed","from":"queued","to":"starting","failure":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 5, 1, '2026-01-01T00:00:00.000Z', 'attempt.started', '{"type":"attempt.started","attempt":1,"sandbox":"t_00000000000000000000000001-1"}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 6, 1, '2026-01-01T00:00:01.000Z', 'worker.ready', '{"type":"worker.ready","version":"1","startMs":1}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 7, 1, '2026-01-01T00:00:01.000Z', 'state.changed', '{"type":"state.changed","from":"starting","to":"running","failure":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 8, 1, '2026-01-01T00:00:01.000Z', 'assistant.message', '{"type":"assistant.message","messageId":"msg_1","model":"m","content":[{"type":"tool_use","id":"toolu_1","name":"bash","input":{"command":"ls"}}],"stopReason":"tool_use"}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 9, 1, '2026-01-01T00:00:00.000Z', 'model.used', '{"type":"model.used","model":"claude-sonnet-5-5","usage":{"inputTokens":10,"outputTokens":20,"cacheCreationInputTokens":30,"cacheReadInputTokens":40},"costUsd":0.25}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 10, 1, '2026-01-01T00:00:00.000Z', 'budget.reached', '{"type":"budget.reached","scope":"task","limit":{"maxUsd":0.2,"maxTokens":null},"spent":{"usd":0.25,"tokens":100}}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000001', 11, 1, '2026-01-01T00:00:00.000Z', 'state.changed', '{"type":"state.changed","from":"running","to":"waiting","failure":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000002', 1, 0, '2026-01-01T00:00:00.000Z', 'task.created', '{"type":"task.created","repository":"https://git.example.com/o/r","prompt":"prompt 2","model":"claude-sonnet-5-5","baseBranch":null,"branch":"farhand/task-2","forkedFrom":null}');
INSERT INTO "events" ("task_id", "seq", "attempt", "at", "type", "body") VALUES ('t_00000000000000000000000002', 2, 0, '2026-01-01T00:00:00.000Z', 'turn.started', '{"type":"turn.started","turn":1,"messageId":"m_00000000000000000000000002","text":"prompt 2","isRetry":false}');
INSERT INTO "grants" ("id", "user_id", "client_id", "label", "address", "created_at", "used_at", "expires_at") VALUES ('g_owner', 'u_owner', 'farhand-cli', '', NULL, '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.000Z', '2100-01-01T00:00:00.000Z');
INSERT INTO "keys" ("id", "user_id", "purpose", "slot", "base_url", "key_id", "box", "last_four", "added_at", "check_result", "checked_at", "check_message") VALUES ('k_01m8a0vp8v8s0g1rr8krf7edxd', 'u_owner', 'github', 'github.com', 'https://github.com', '778e2d934d3365ae', 'Af9ptVRu5ccYiXPsJEU0+0Ek/iMgv+CgJyfVfn/tH0hu8eL3dACYBqCVBQ==', '', '2026-01-01T00:00:00.000Z', 'unchecked', NULL, 'It was kept without being tried.');
INSERT INTO "repository_secrets" ("user_id", "repository", "name", "key_id", "box", "for_agent", "last_four", "added_at") VALUES ('u_owner', 'git.example.com/o/r', 'TOKEN', '778e2d934d3365ae', 'ATjPZpMwW3lFJU/2EGbZlRgeddrL1vhdXLla5FpqQ2nw1JwN+OYVah2vmQ==', 0, '', '2026-01-01T00:00:00.000Z');
INSERT INTO "turns" ("task_id", "turn", "message_id", "text", "started_at", "ended_at", "start_revision", "end_revision", "finished", "stopping", "worked_ms", "discarded") VALUES ('t_00000000000000000000000001', 1, 'm_00000000000000000000000001', 'prompt 1', '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, 0, NULL, 0, 0);
INSERT INTO "turns" ("task_id", "turn", "message_id", "text", "started_at", "ended_at", "start_revision", "end_revision", "finished", "stopping", "worked_ms", "discarded") VALUES ('t_00000000000000000000000002', 1, 'm_00000000000000000000000002', 'prompt 2', '2026-01-01T00:00:00.000Z', NULL, NULL, NULL, 0, NULL, 0, 0);
INSERT INTO "user_messages" ("task_id", "message_id", "text", "status", "turn", "opening", "position", "delivery", "created_at") VALUES ('t_00000000000000000000000001', 'm_00000000000000000000000001', 'prompt 1', 'delivered', 1, 1, 0, NULL, '2026-01-01T00:00:00.000Z');
INSERT INTO "user_messages" ("task_id", "message_id", "text", "status", "turn", "opening", "position", "delivery", "created_at") VALUES ('t_00000000000000000000000002', 'm_00000000000000000000000002', 'prompt 2', 'delivered', 1, 1, 0, NULL, '2026-01-01T00:00:00.000Z');
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN NEW.id IN (SELECT id FROM audit) BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
