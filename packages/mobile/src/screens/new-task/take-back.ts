import type { Command, OutboxEntry, ServerStore } from "@farhand/client/app";
import { draftOfTask } from "./draft.ts";

export type NewTaskEntry = OutboxEntry & { command: Extract<Command, { type: "create_task" }> };

export const isNewTask = (entry: OutboxEntry): entry is NewTaskEntry => entry.command.type === "create_task";

/**
 * Puts a new task that was not sent back into the form, with its files, and takes it out of the outbox. What was begun in the
 * form gives way. At every moment one of the two has it: a crash between them leaves it twice rather than nowhere.
 *
 * @throws OutboxError where it is too late; then the form is as it was
 */
export async function takeBack(
  { drafts, outbox, attachments }: Pick<ServerStore, "drafts" | "outbox" | "attachments">,
  entry: NewTaskEntry,
): Promise<{ mayHaveArrived: boolean }> {
  const before = drafts.newTask().getSnapshot();
  const draft = draftOfTask(entry.command);
  drafts.setNewTask(draft);
  await drafts.settled();
  let withdrawn: { mayHaveArrived: boolean };
  try {
    withdrawn = await outbox.withdraw(entry.id, { keepsAttachments: true });
  } catch (error) {
    drafts.setNewTask(before);
    throw error;
  }
  const mine = new Set(draft.attachments.map(({ id }) => id));
  await attachments.drop(before.attachments.map(({ id }) => id).filter((id) => !mine.has(id)));
  return withdrawn;
}
