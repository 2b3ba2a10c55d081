import { chmod, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * The token of the one local owner: made at the first start, kept in a file that only the owner's own account
 * on the machine can read. Written whole or not at all, so a crash leaves no half token.
 */
export async function ownerToken(path: string): Promise<string> {
  const file = Bun.file(path);
  if (await file.exists()) {
    await chmod(path, 0o600);
    const token = (await file.text()).trim();
    if (token) return token;
  }
  await mkdir(dirname(path), { recursive: true });
  const token = `fho_${newSecret()}`;
  await writeSecretFile(path, `${token}\n`);
  return token;
}

/** 256 bits from the system's random source, in URL-safe characters. */
export function newSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}

/** Writes a file of mode 0600 beside its place and moves it there, so that it is never seen half written. */
async function writeSecretFile(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}
