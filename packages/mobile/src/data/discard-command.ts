import type { OutboxEntry, ServerStore } from "@farhand/client/app";

/** Where the prompt of a fork, and the files beside it, are kept while it is written. */
export const forkField = (turn: number | undefined): string => `fork/${turn}`;

/**
 * Takes a command out of the outbox. The prompt of a fork and its files go back to the form that they came from, behind
 * what was begun there meanwhile: what one has written is not lost with the command.
 *
 * @throws OutboxError where it is too late; then the form is as it was
 */
export async function discardCommand(
  { outbox, drafts }: Pick<ServerStore, "outbox" | "drafts">,
  { id, command }: OutboxEntry,
): Promise<{ mayHaveArrived: boolean }> {
  if (command.type !== "fork") return outbox.withdraw(id);
  const { taskId, fork, attachments = [] } = command;
  const name = forkField(fork.turn);
  const draft = drafts.task(taskId);
  // Of a task that is not open its draft comes from the device first; and the prompt is there before the command goes.
  await drafts.settled();
  const { fields, files } = draft.getSnapshot();
  const begun = fields[name] ?? null;
  const present = files[name] ?? [];
  if (!begun?.includes(fork.prompt))
    drafts.setField(taskId, name, begun?.trim() ? `${begun.trim()}\n\n${fork.prompt}` : fork.prompt);
  const known = new Set(present.map((file) => file.id));
  drafts.setFiles(taskId, name, [...present, ...attachments.filter((file) => !known.has(file.id))]);
  await drafts.settled();
  try {
    return await outbox.withdraw(id, { keepsAttachments: true });
  } catch (error) {
    drafts.setField(taskId, name, begun);
    drafts.setFiles(taskId, name, present);
    throw error;
  }
}
