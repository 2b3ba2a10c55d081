import {
  AnswerQuestion,
  Approve,
  Attachment,
  BranchList,
  CostReport,
  CreateTask,
  DeviceInfo,
  DeviceList,
  DeviceTest,
  Done,
  EditMessage,
  EventPage,
  ForkTask,
  InviteList,
  KeyInfo,
  KeyList,
  Liveness,
  MadeInvite,
  MakeInvite,
  Me,
  MemberInfo,
  MemberList,
  PROBLEM_CONTENT_TYPE,
  Problem,
  PutKey,
  PutSecret,
  Readiness,
  RegisterDevice,
  ReorderMessages,
  RepositoryList,
  RollBack,
  SecretList,
  SendMessage,
  SentMessage,
  SessionList,
  SetBudget,
  Settings,
  SignInLink,
  SignInMethods,
  Task,
  TaskId,
  TaskPage,
  UpdateDevice,
  UpdateMember,
  UpdateSettings,
  VapidKey,
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
  BranchList: named(BranchList, "BranchList"),
  RepositoryList: named(RepositoryList, "RepositoryList"),
  Attachment: named(Attachment, "Attachment"),
  EditMessage: named(EditMessage, "EditMessage"),
  AnswerQuestion: named(AnswerQuestion, "AnswerQuestion"),
  CostReport: named(CostReport, "CostReport"),
  CreateTask: named(CreateTask, "CreateTask"),
  DeviceInfo: named(DeviceInfo, "DeviceInfo"),
  DeviceList: named(DeviceList, "DeviceList"),
  DeviceTest: named(DeviceTest, "DeviceTest"),
  Done: named(Done, "Done"),
  EventPage: named(EventPage, "EventPage"),
  Approve: named(Approve, "Approve"),
  ForkTask: named(ForkTask, "ForkTask"),
  InviteList: named(InviteList, "InviteList"),
  KeyInfo: named(KeyInfo, "KeyInfo"),
  KeyList: named(KeyList, "KeyList"),
  Liveness: named(Liveness, "Liveness"),
  MadeInvite: named(MadeInvite, "MadeInvite"),
  MakeInvite: named(MakeInvite, "MakeInvite"),
  Me: named(Me, "Me"),
  MemberInfo: named(MemberInfo, "MemberInfo"),
  MemberList: named(MemberList, "MemberList"),
  Problem: named(Problem, "Problem"),
  PutKey: named(PutKey, "PutKey"),
  PutSecret: named(PutSecret, "PutSecret"),
  Readiness: named(Readiness, "Readiness"),
  RegisterDevice: named(RegisterDevice, "RegisterDevice"),
  ReorderMessages: named(ReorderMessages, "ReorderMessages"),
  RollBack: named(RollBack, "RollBack"),
  SecretList: named(SecretList, "SecretList"),
  SendMessage: named(SendMessage, "SendMessage"),
  SentMessage: named(SentMessage, "SentMessage"),
  SessionList: named(SessionList, "SessionList"),
  SetBudget: named(SetBudget, "SetBudget"),
  Settings: named(Settings, "Settings"),
  SignInLink: named(SignInLink, "SignInLink"),
  SignInMethods: named(SignInMethods, "SignInMethods"),
  Task: named(Task, "Task"),
  TaskPage: named(TaskPage, "TaskPage"),
  UpdateDevice: named(UpdateDevice, "UpdateDevice"),
  UpdateMember: named(UpdateMember, "UpdateMember"),
  UpdateSettings: named(UpdateSettings, "UpdateSettings"),
  VapidKey: named(VapidKey, "VapidKey"),
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
  403: problemAnswer("Only the server's owner may do this."),
  404: problemAnswer("No such task, or not yours."),
  409: problemAnswer(
    "The task is not in a state for this, or the idempotency key belongs to another request.",
  ),
  410: problemAnswer("The task's files were removed after their time."),
  413: problemAnswer("The body is larger than 1 MiB."),
  422: problemAnswer("An attachment that the message names was not uploaded."),
  503: problemAnswer("Something that this needs does not answer just now."),
};
