import { createTokenSource, type TokenSource } from "@farhand/client";
import { credentialStore, credentialsFile } from "./credentials.ts";

/** The name under which coordinators know this program. */
export const CLIENT_ID = "farhand-cli";

/** The sign-in that this account has there. */
export const signedInSource = (env: Readonly<Record<string, string | undefined>>, url: string): TokenSource =>
  createTokenSource({ baseUrl: url, clientId: CLIENT_ID, store: credentialStore(credentialsFile(env), url) });
