import { MessageId, TaskId } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { body, json, problems, schemas, TaskPath } from "./schemas.ts";

const MessagePath = z.strictObject({ id: TaskId, messageId: MessageId });

const refusals = {
  400: problems[400],
  401: problems[401],
  404: problems[404],
  409: problems[409],
  410: problems[410],
  413: problems[413],
};
const waitingAnswer = json(schemas.WaitingMessages, "What waits for the agent, in the order of delivery.");

const sendMessage = createRoute({
  method: "post",
  tags: ["Messages"],
  path: "/tasks/{id}/messages",
  summary:
    "Steer a turn that is under way, or start the next one of a task that is idle, failed or cancelled",
  request: { params: TaskPath, body: body(schemas.SendMessage) },
  responses: { 202: json(schemas.SentMessage, "The message was taken."), ...refusals, 422: problems[422] },
});

const listMessages = createRoute({
  method: "get",
  tags: ["Messages"],
  path: "/tasks/{id}/messages",
  summary: "The messages that wait for the agent",
  request: { params: TaskPath },
  responses: { 200: waitingAnswer, 400: problems[400], 401: problems[401], 404: problems[404] },
});

const editMessage = createRoute({
  method: "patch",
  tags: ["Messages"],
  path: "/tasks/{id}/messages/{messageId}",
  summary: "Change a message that still waits",
  request: { params: MessagePath, body: body(schemas.EditMessage) },
  responses: { 200: waitingAnswer, ...refusals },
});

const withdrawMessage = createRoute({
  method: "delete",
  tags: ["Messages"],
  path: "/tasks/{id}/messages/{messageId}",
  summary: "Withdraw a message that still waits",
  request: { params: MessagePath },
  responses: { 200: waitingAnswer, ...refusals },
});

const reorderMessages = createRoute({
  method: "put",
  tags: ["Messages"],
  path: "/tasks/{id}/messages/order",
  summary: "Put the messages that wait into another order",
  request: { params: TaskPath, body: body(schemas.ReorderMessages) },
  responses: { 200: waitingAnswer, ...refusals },
});

export function mountMessages(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { commands } = context;
  const waiting = async (taskId: string) => ({ messages: await context.messages.waiting(taskId) });

  api.openapi(sendMessage, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(await commands.sendMessage(task, c.req.valid("json"), c.get("requestKey")), 202);
  });
  api.openapi(listMessages, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json(await waiting(task.id), 200);
  });
  api.openapi(reorderMessages, async (c) => {
    const task = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    await commands.reorderMessages(task, c.req.valid("json").messageIds);
    return c.json(await waiting(task.id), 200);
  });
  api.openapi(editMessage, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const task = await ownTask(context, c.get("userId"), id);
    await commands.editMessage(task, messageId, c.req.valid("json").text);
    return c.json(await waiting(task.id), 200);
  });
  api.openapi(withdrawMessage, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const task = await ownTask(context, c.get("userId"), id);
    await commands.withdrawMessage(task, messageId);
    return c.json(await waiting(task.id), 200);
  });
}
