import {
  Attachment,
  AuditPage,
  BranchList,
  CostReport,
  DeviceInfo,
  DeviceList,
  DeviceTest,
  Done,
  EgressOverview,
  EventPage,
  FileNode,
  FileSearch,
  InviteList,
  KeyInfo,
  KeyList,
  Liveness,
  MadeInvite,
  Me,
  MemberInfo,
  MemberList,
  Problem,
  Readiness,
  RepositoryList,
  SecretList,
  SentMessage,
  SessionList,
  Settings,
  SignInLink,
  SignInMethods,
  Task,
  TaskDiff,
  TaskEgress,
  TaskPage,
  VapidKey,
  WaitingMessages,
} from "@farhand/protocol";
import type { z } from "zod";
import type { AnswerName, Answers, ReadAnswer } from "./answers.ts";

/** The whole shape of each answer. */
export const schemas: { [N in AnswerName]: z.ZodType<Answers[N]> } = {
  Attachment,
  AuditPage,
  BranchList,
  CostReport,
  DeviceInfo,
  DeviceList,
  DeviceTest,
  Done,
  EgressOverview,
  EventPage,
  FileNode,
  FileSearch,
  InviteList,
  KeyInfo,
  KeyList,
  Liveness,
  MadeInvite,
  Me,
  MemberInfo,
  MemberList,
  Problem,
  Readiness,
  RepositoryList,
  SecretList,
  SentMessage,
  SessionList,
  Settings,
  SignInLink,
  SignInMethods,
  Task,
  TaskDiff,
  TaskEgress,
  TaskPage,
  VapidKey,
  WaitingMessages,
};

/** Takes an answer only where it is, to the last field, what this version of the protocol says. */
export const readStrictly: ReadAnswer = <N extends AnswerName>(name: N, body: unknown) => {
  const parsed = schemas[name].safeParse(body);
  return parsed.success ? { ok: true, data: parsed.data } : { ok: false, why: firstIssue(parsed.error) };
};

/** The first thing that was wrong, such as `tasks.0.state: Invalid option`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "it is wrong";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
