import { z } from "zod";
import { KeyPurpose } from "./keys.ts";

/** Most repositories of one forge in an answer, and most branches. */
export const REPOSITORIES_MAX = 300;
export const BRANCHES_MAX = 1000;

/** A repository that a forge says the user has to do with. */
export const ForgeRepository = z.strictObject({
  /** Its https address, as `POST /api/tasks` takes it. */
  address: z.string(),
  /** Such as `octo/shop`. */
  name: z.string(),
  /** Of the forge, such as `github.com`. */
  host: z.string(),
  isPrivate: z.boolean(),
  defaultBranch: z.string().nullable(),
});
export type ForgeRepository = z.infer<typeof ForgeRepository>;

/** What became of asking one forge. */
export const ForgeAnswer = z.strictObject({
  host: z.string(),
  purpose: KeyPurpose.exclude(["model"]),
  status: z.enum(["ok", "failed"]),
  /** Why it failed, as a sentence; null where it did not. */
  message: z.string().nullable(),
  /** It has more than are listed: search for them. */
  hasMore: z.boolean(),
});
export type ForgeAnswer = z.infer<typeof ForgeAnswer>;

/**
 * `GET /api/repositories?q=`: what the forges list that the user has a key for, each forge's last worked on first. `q` is
 * looked for in the name. No forge where there is no key.
 */
export const RepositoryList = z.strictObject({
  repositories: z.array(ForgeRepository),
  forges: z.array(ForgeAnswer),
});
export type RepositoryList = z.infer<typeof RepositoryList>;

/** `GET /api/repositories/branches?repository=`: by name. */
export const BranchList = z.strictObject({
  branches: z.array(z.string()),
  /** What the remote's HEAD points to; null where it does not say. */
  defaultBranch: z.string().nullable(),
  /** There are more than are listed. */
  truncated: z.boolean(),
});
export type BranchList = z.infer<typeof BranchList>;
