import { EGRESS_HOSTS_MAX, EgressMode, EgressPattern, type EgressSettings } from "@farhand/protocol";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import { EGRESS_DEFAULT, type EgressStore, effectivePolicy } from "../domain/egress.ts";
import { failure } from "../domain/failure.ts";
import type { Schema } from "./schema.ts";

/** In the column of the repository: the user's default. */
const DEFAULT = "";

const StoredMode = EgressMode.nullable();
const StoredHosts = z.array(EgressPattern);

/** @param repositoryName one name for all addresses of one repository */
export function createEgressStore(
  database: Kysely<Schema>,
  repositoryName: (address: string) => string,
): EgressStore {
  type Connection = Kysely<Schema> | Transaction<Schema>;

  const rowsOf = (connection: Connection, userId: string) =>
    connection.selectFrom("egress_policies").selectAll().where("user_id", "=", userId);

  async function find(connection: Connection, userId: string, repository: string) {
    const row = await rowsOf(connection, userId).where("repository", "=", repository).executeTakeFirst();
    return row ? toSettings(row) : null;
  }

  async function put(
    connection: Connection,
    userId: string,
    { repository, mode, hosts }: { repository: string; mode: EgressMode | null; hosts: string[] },
  ): Promise<void> {
    const values = { mode, hosts: JSON.stringify([...new Set(hosts)]) };
    await connection
      .insertInto("egress_policies")
      .values({ user_id: userId, repository, ...values })
      .onConflict((conflict) => conflict.columns(["user_id", "repository"]).doUpdateSet(values))
      .execute();
  }

  async function defaultOf(userId: string): Promise<EgressSettings> {
    const own = await find(database, userId, DEFAULT);
    return { mode: own?.mode ?? EGRESS_DEFAULT.mode, hosts: own?.hosts ?? EGRESS_DEFAULT.hosts };
  }

  return {
    async overview(userId) {
      const rows = await rowsOf(database, userId)
        .where("repository", "!=", DEFAULT)
        .orderBy("repository")
        .execute();
      return { default: await defaultOf(userId), repositories: rows.map(toSettings) };
    },

    setDefault: (userId, settings) => put(database, userId, { repository: DEFAULT, ...settings }),

    async setRepository(userId, { repository, mode, hosts }) {
      const name = repositoryName(repository);
      if (mode !== null || hosts.length > 0) return put(database, userId, { repository: name, mode, hosts });
      await database
        .deleteFrom("egress_policies")
        .where("user_id", "=", userId)
        .where("repository", "=", name)
        .execute();
    },

    async policy(userId, repository) {
      const own = await find(database, userId, repositoryName(repository));
      return effectivePolicy(await defaultOf(userId), own);
    },

    allow: (userId, repository, host) =>
      database.transaction().execute(async (transaction) => {
        const name = repositoryName(repository);
        const own = await find(transaction, userId, name);
        if (own?.hosts.includes(host)) return false;
        const hosts = [...(own?.hosts ?? []), host];
        if (hosts.length > EGRESS_HOSTS_MAX) throw tooMany();
        await put(transaction, userId, { repository: name, mode: own?.mode ?? null, hosts });
        return true;
      }),

    noteRefusal: ({ taskId, turn, host }, most) =>
      database.transaction().execute(async (transaction) => {
        const { count } = await transaction
          .selectFrom("egress_refusals")
          .select((select) => select.fn.countAll<number>().as("count"))
          .where("task_id", "=", taskId)
          .where("turn", "=", turn)
          .executeTakeFirstOrThrow();
        if (count >= most) return false;
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("egress_refusals")
          .values({ task_id: taskId, turn, host })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),
  };
}

function toSettings({ repository, mode, hosts }: Schema["egress_policies"]) {
  return { repository, mode: StoredMode.parse(mode), hosts: StoredHosts.parse(JSON.parse(hosts)) };
}

const tooMany = () =>
  failure(
    "conflict",
    `${EGRESS_HOSTS_MAX} hosts are allowed for this repository, and no more can be.`,
    "Take some away, or allow all below a name with a pattern such as *.example.com.",
  );
