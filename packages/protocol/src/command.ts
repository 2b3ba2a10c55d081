import { z } from "zod";
import { Attachment, AttachmentIds } from "./attachment.ts";
import { Budgets, MemberCap, SpendingLimit } from "./budget.ts";
import { PROMPT_MAX_BYTES } from "./constants.ts";
import { BranchName, CommitId, MessageId, ModelId, Timestamp, TurnNumber } from "./scalars.ts";

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
  /** Takes the place of the default one. */
  budget: SpendingLimit.optional(),
  /** What belongs to the prompt. */
  attachments: AttachmentIds.optional(),
});
export type CreateTask = z.infer<typeof CreateTask>;

/**
 * `POST /api/tasks/{id}/messages`: steers a turn that is under way, or starts the next one of a task that is idle,
 * failed or cancelled.
 */
export const SendMessage = z.strictObject({
  text: text("the message"),
  attachments: AttachmentIds.optional(),
});
export type SendMessage = z.infer<typeof SendMessage>;

/** `PATCH /api/tasks/{id}/messages/{messageId}`, while it still waits. Its attachments stay. */
export const EditMessage = z.strictObject({ text: text("the message") });
export type EditMessage = z.infer<typeof EditMessage>;

/**
 * The answer to it. `queued`: it waits for the agent, and `user.message` with this id says that it was delivered.
 * `started`: it opened the turn.
 */
export const SentMessage = z.strictObject({
  messageId: MessageId,
  status: z.enum(["queued", "started"]),
  turn: TurnNumber,
});
export type SentMessage = z.infer<typeof SentMessage>;

/** `GET /api/tasks/{id}/messages`: what waits for the agent, in the order of delivery. */
export const WaitingMessages = z.strictObject({
  messages: z.array(
    z.strictObject({
      messageId: MessageId,
      text: z.string(),
      createdAt: Timestamp,
      attachments: z.array(Attachment).optional(),
    }),
  ),
});
export type WaitingMessages = z.infer<typeof WaitingMessages>;

/** `PUT /api/tasks/{id}/messages/order`: all messages that wait, in their new order. */
export const ReorderMessages = z.strictObject({ messageIds: z.array(MessageId).min(1).max(1000) });
export type ReorderMessages = z.infer<typeof ReorderMessages>;

/** `POST /api/tasks/{id}/rollback`: code and conversation go back to the end of that turn; 0 is the start. */
export const RollBack = z.strictObject({ turn: z.int().min(0) });
export type RollBack = z.infer<typeof RollBack>;

/** `POST /api/tasks/{id}/fork`: a new task that starts from the end of a turn of this one. */
export const ForkTask = z.strictObject({
  /** The last ended turn when not named; 0 is the start. */
  turn: z.int().min(0).optional(),
  prompt: text("the prompt"),
  model: ModelId.optional(),
  attachments: AttachmentIds.optional(),
});
export type ForkTask = z.infer<typeof ForkTask>;

/** What a person can be asked to let pass: `workflows` are changes of what the forge's CI would run. */
export const ApprovalKind = z.enum(["workflows"]);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/** `POST /api/tasks/{id}/approve`: publishes what was held back with the code `approval_needed`. */
/** `commit` is what the person has looked at: where the task has gone on since, nothing is approved. */
export const Approve = z.strictObject({ kind: ApprovalKind, commit: CommitId.optional() });
export type Approve = z.infer<typeof Approve>;

/** `GET /api/settings` */
export const Settings = z.strictObject({
  /** The model of a task whose creator named none. */
  defaultModel: ModelId,
  budgets: Budgets,
  /** What the owner lets you spend, whatever your own limits are; absent where there is no cap. */
  cap: MemberCap.optional(),
});
export type Settings = z.infer<typeof Settings>;
/** `PATCH /api/settings`. Of the budgets, those that are named are replaced. */
export const UpdateSettings = z.strictObject({
  defaultModel: ModelId.optional(),
  budgets: Budgets.partial().optional(),
});
export type UpdateSettings = z.infer<typeof UpdateSettings>;
