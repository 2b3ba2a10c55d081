import type { RestApi } from "../rest-api.ts";
import type { ChangeOptions } from "../tasks-api.ts";
import type { Command } from "./command.ts";
import { attachmentIds } from "./uploads.ts";

/** Asks the server for it, once. @returns its answer */
export function send(api: RestApi, command: Command, options: ChangeOptions): Promise<unknown> {
  switch (command.type) {
    case "create_task":
      return api.createTask({ ...command.task, ...named(command) }, options);
    case "send_message":
      return api.sendMessage(command.taskId, { text: command.text, ...named(command) }, options);
    case "edit_message":
      return api.editMessage(command.taskId, command.messageId, { text: command.text }, options);
    case "withdraw_message":
      return api.withdrawMessage(command.taskId, command.messageId, options);
    case "reorder_messages":
      return api.reorderMessages(command.taskId, command.messageIds, options);
    case "stop":
      return api.stop(command.taskId, options);
    case "cancel":
      return api.cancelTask(command.taskId, options);
    case "retry":
      return api.retry(command.taskId, options);
    case "archive":
      return api.archive(command.taskId, options);
    case "approve": {
      const { taskId, kind, commit } = command;
      return api.approve(taskId, { kind, ...(commit ? { commit } : {}) }, options);
    }
    case "answer":
      return api.answer(command.taskId, { questionId: command.questionId, answer: command.answer }, options);
    case "roll_back":
      return api.rollBack(command.taskId, command.turn, options);
    case "fork":
      return api.fork(command.taskId, { ...command.fork, ...named(command) }, options);
    case "allow_host":
      return api.allowHost(command.taskId, command.host, options);
    case "set_budget":
      return api.setBudget(command.taskId, command.budget, options);
  }
}

function named(command: Command): { attachments?: string[] } {
  const ids = attachmentIds(command);
  return ids.length === 0 ? {} : { attachments: ids };
}
