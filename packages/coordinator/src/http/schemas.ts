import {
  CreateTask,
  EventPage,
  Liveness,
  PROBLEM_CONTENT_TYPE,
  Problem,
  QueuedMessage,
  Readiness,
  SendMessage,
  Settings,
  Task,
  TaskDiff,
  TaskId,
  TaskPage,
  UpdateSettings,
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
  Liveness: named(Liveness, "Liveness"),
  Problem: named(Problem, "Problem"),
  QueuedMessage: named(QueuedMessage, "QueuedMessage"),
  Readiness: named(Readiness, "Readiness"),
  SendMessage: named(SendMessage, "SendMessage"),
  Settings: named(Settings, "Settings"),
  Task: named(Task, "Task"),
  TaskDiff: named(TaskDiff, "TaskDiff"),
  TaskPage: named(TaskPage, "TaskPage"),
  UpdateSettings: named(UpdateSettings, "UpdateSettings"),
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
  409: problemAnswer("The task is not in a state for this."),
  413: problemAnswer("The body is larger than 1 MiB."),
};
