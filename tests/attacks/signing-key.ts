import { Database } from "bun:sqlite";
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { join } from "node:path";
import { symmetricDecrypt } from "better-auth/crypto";
import { deriveKey, masterKey } from "../../packages/coordinator/src/vault/master-key.ts";

export const encode = (value: object | string) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export const decode = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

export type Signer = (header: object, claims: object) => string;

export const signerWith =
  (key: KeyObject): Signer =>
  (header, claims) => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
  };

/**
 * Signs as the server itself does, with its own key out of its data folder. No attacker has that; with it, nothing but
 * the claims can be the reason for a refusal.
 */
export async function serversSigner(dataFolder: string): Promise<Signer> {
  const secret = Buffer.from(deriveKey(await masterKey(dataFolder, {}), "signing in")).toString("base64url");
  using database = new Database(join(dataFolder, "agent.db"), { readonly: true });
  const row = database.query<{ privateKey: string }, []>("select privateKey from auth_jwks").get();
  if (row === null) throw new Error("the server has no signing key yet");
  const jwk = await symmetricDecrypt({ key: secret, data: JSON.parse(row.privateKey) });
  return signerWith(createPrivateKey({ key: JSON.parse(jwk), format: "jwk" }));
}
