import { Database } from "bun:sqlite";
import { join } from "node:path";
import { type Client, createClient } from "@farhand/client";
import type { World } from "./world.ts";

/** A second user of the world's coordinator, who is no owner, and their client. */
export function addMember(world: World, login: string): { client: Client; token: string } {
  const token = `fho_member-${login}-${crypto.randomUUID()}`;
  const file = new Database(join(world.settings.FARHAND_DATA ?? "", "agent.db"));
  file.run("PRAGMA busy_timeout = 5000");
  const hash = new Bun.CryptoHasher("sha256").update(token).digest("hex");
  file.run("INSERT INTO users (id, login, token_hash, created_at) VALUES (?, ?, ?, ?)", [
    `u_${login}`,
    login,
    hash,
    new Date().toISOString(),
  ]);
  file.close();
  return { client: createClient({ baseUrl: world.client.baseUrl, token }), token };
}
