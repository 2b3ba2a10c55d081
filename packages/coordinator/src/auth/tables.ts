/**
 * The names of better-auth's tables in our database, where migration `0003-auth` has made them. All of them start with
 * `auth_`; which users there are, and what they may do, is in our own table `users`.
 */
export const tables = {
  user: "auth_user",
  session: "auth_session",
  account: "auth_account",
  verification: "auth_verification",
  jwks: "auth_jwks",
  deviceCode: "auth_device_code",
  oauthClient: "auth_oauth_client",
  oauthResource: "auth_oauth_resource",
  oauthClientResource: "auth_oauth_client_resource",
  oauthRefreshToken: "auth_oauth_refresh_token",
  oauthAccessToken: "auth_oauth_access_token",
  oauthConsent: "auth_oauth_consent",
  oauthClientAssertion: "auth_oauth_client_assertion",
} as const;
