import type { AnswerName, Answers, ReadAnswer, Understood } from "./answers.ts";

/**
 * What an answer must have, as `name:type` with s, n, b, a and o for string, number, boolean, array and object, or the
 * name of a shape for each item of an array. It tells our server's answers from those of a hotel's sign-in page, and keeps
 * what the store relies on; fields that are new to this version pass, since a newer server is no reason to stop working.
 * The whole schemas would weigh more than all else of the client.
 */
const shapes: Record<
  AnswerName | "TaskEvent" | "Body" | "Waiting" | "Delta" | "FoundFile" | "FoundLine",
  string
> = {
  Attachment: "id:s name:s mediaType:s sizeBytes:n",
  AuditPage: "entries:a",
  BranchList: "branches:a",
  CostReport: "by:s rows:a total:o",
  DeviceInfo: "id:s channel:s kinds:o",
  DeviceList: "devices:a",
  DeviceTest: "status:s message:s",
  Done: "status:s",
  EgressOverview: "",
  EventPage: "status:s events:TaskEvent lastSeq:n",
  FileNode: "kind:s commit:s path:s",
  FileSearch: "commit:s files:FoundFile truncated:b",
  InviteList: "invites:a",
  KeyInfo: "id:s purpose:s check:s",
  KeyList: "keys:a",
  Liveness: "status:s version:s protocol:n",
  MadeInvite: "id:s expiresAt:s",
  Me: "userId:s login:s role:s",
  MemberInfo: "id:s login:s role:s",
  MemberList: "members:a",
  Problem: "status:n code:s detail:s action:s",
  Readiness: "status:s version:s checks:a",
  RepositoryList: "repositories:a forges:a",
  SecretList: "secrets:a",
  SentMessage: "messageId:s status:s turn:n",
  SessionList: "sessions:a",
  Settings: "defaultModel:s budgets:o",
  SignInLink: "url:s expiresAt:s",
  SignInMethods: "providers:a isOwned:b",
  Task: "id:s state:s repository:s branch:s model:s prompt:s turn:n attempt:n lastSeq:n costUsd:n usage:o createdAt:s updatedAt:s",
  TaskDiff: "from:s to:s files:a text:s",
  TaskEgress: "repository:s mode:s hosts:a",
  TaskPage: "tasks:Task",
  VapidKey: "publicKey:s",
  WaitingMessages: "messages:Waiting",
  TaskEvent: "taskId:s seq:n attempt:n at:s body:Body",
  Body: "type:s",
  Delta: "messageId:s index:n kind:s text:s",
  Waiting: "messageId:s text:s",
  FoundFile: "path:s lines:FoundLine truncated:b",
  FoundLine: "line:n text:s places:a",
};

const types: Record<string, string> = { s: "string", n: "number", b: "boolean", o: "object" };

export const readLightly: ReadAnswer = <N extends AnswerName>(name: N, body: unknown) =>
  understood<Answers[N]>(name, body);

/** The same for what has a shape here and is no answer by itself. */
export function understood<T>(name: keyof typeof shapes, body: unknown): Understood<T> {
  const why = flaw(name, body);
  return why === null ? { ok: true, data: body as T } : { ok: false, why };
}

function flaw(name: keyof typeof shapes, body: unknown): string | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return `no ${name}`;
  const fields = body as Record<string, unknown>;
  for (const part of shapes[name].split(" ").filter(Boolean)) {
    const [field = "", type = ""] = part.split(":");
    const value = fields[field];
    const wrong = `${field}: not as it should be`;
    if (type === "a") {
      if (!Array.isArray(value)) return wrong;
    } else if (type in types) {
      if (typeof value !== types[type] || value === null) return wrong;
    } else {
      for (const item of Array.isArray(value) ? value : [value]) {
        const inner = flaw(type as keyof typeof shapes, item);
        if (inner !== null) return `${field}.${inner}`;
      }
      if (value === undefined) return wrong;
    }
  }
  return null;
}
