import {
  CreateTask,
  EventPage,
  ForkTask,
  Liveness,
  PROBLEM_CONTENT_TYPE,
  Problem,
  Readiness,
  ReorderMessages,
  RollBack,
  SendMessage,
  SentMessage,
  Settings,
  Task,
  TaskId,
  TaskPage,
  UpdateSettings,
  WaitingMessages,
} from "@farhand/protocol";
import { z } from "@hono/zod-openapi";

/**
 * Gives a shape its name in the document. A copy, because only schemas made after the OpenAPI extension was loaded
 * have its method, and the protocol knows nothing of it.
 */
const named = <T extends z.ZodType>(schema: T, name: string): T => schema.clone().openapi(name);

/** The protocol's shapes under the names that the OpenAPI document gives them. */
export const schemas = {
  CreateTask: named(CreateTask, "CreateTask"),
  EventPage: named(EventPage, "EventPage"),
  ForkTask: named(ForkTask, "ForkTask"),
  Liveness: named(Liveness, "Liveness"),
  Problem: named(Problem, "Problem"),
  Readiness: named(Readiness, "Readiness"),
  ReorderMessages: named(ReorderMessages, "ReorderMessages"),
  RollBack: named(RollBack, "RollBack"),
  SendMessage: named(SendMessage, "SendMessage"),
  SentMessage: named(SentMessage, "SentMessage"),
  Settings: named(Settings, "Settings"),
  Task: named(Task, "Task"),
  TaskPage: named(TaskPage, "TaskPage"),
  UpdateSettings: named(UpdateSettings, "UpdateSettings"),
  WaitingMessages: named(WaitingMessages, "WaitingMessages"),
};

export const TaskPath = z.strictObject({ id: TaskId });

export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});

const problemAnswer = (description: string) => ({
  description,
  content: { [PROBLEM_CONTENT_TYPE]: { schema: schemas.Problem } },
});

export const problems = {
  400: problemAnswer("The request is not valid; `fields` says where."),
  401: problemAnswer("No token, or a wrong one."),
  404: problemAnswer("No such task, or not yours."),
  409: problemAnswer(
    "The task is not in a state for this, or the idempotency key belongs to another request.",
  ),
  410: problemAnswer("The task's files were removed after their time."),
  413: problemAnswer("The body is larger than 1 MiB."),
};
