import { z } from "zod";
import { BranchName, ModelId } from "./scalars.ts";

/** The longest prompt or message that is taken: 256 KiB of UTF-8, which is about 64,000 tokens. */
export const PROMPT_MAX_BYTES = 256 * 1024;

const text = (name: string) =>
  z
    .string()
    .refine((value) => value.trim().length > 0, `${name} is empty: say what the agent should do`)
    .refine(
      (value) => new TextEncoder().encode(value).length <= PROMPT_MAX_BYTES,
      `${name} is longer than 256 KiB: put the long part into a file of the repository and name it`,
    );

/** `POST /api/tasks` */
export const CreateTask = z.strictObject({
  /** `https://…`, `http://…`, `ssh://…`, `file://…`, `git@host:owner/name`, or an absolute path on the server. */
  repository: z.string().trim().min(1, "name a repository: a URL or a path").max(2048),
  prompt: text("the prompt"),
  model: ModelId.optional(),
  baseBranch: BranchName.optional(),
});
export type CreateTask = z.infer<typeof CreateTask>;

/** `POST /api/tasks/{id}/messages`: steers a running task. */
export const SendMessage = z.strictObject({ text: text("the message") });
export type SendMessage = z.infer<typeof SendMessage>;

/** The answer to it: the message waits for the worker, and `user.message` with this id says that it was read. */
export const QueuedMessage = z.strictObject({ messageId: z.string() });
export type QueuedMessage = z.infer<typeof QueuedMessage>;

/** `PATCH /api/settings` */
export const Settings = z.strictObject({
  /** The model of a task whose creator named none. */
  defaultModel: ModelId,
});
export type Settings = z.infer<typeof Settings>;
export const UpdateSettings = Settings.partial();
export type UpdateSettings = z.infer<typeof UpdateSettings>;
