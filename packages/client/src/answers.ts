import type {
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

/** What the coordinator answers with, by the names of the protocol. */
export interface Answers {
  Attachment: Attachment;
  AuditPage: AuditPage;
  BranchList: BranchList;
  CostReport: CostReport;
  DeviceInfo: DeviceInfo;
  DeviceList: DeviceList;
  DeviceTest: DeviceTest;
  Done: Done;
  EgressOverview: EgressOverview;
  EventPage: EventPage;
  FileNode: FileNode;
  FileSearch: FileSearch;
  InviteList: InviteList;
  KeyInfo: KeyInfo;
  KeyList: KeyList;
  Liveness: Liveness;
  MadeInvite: MadeInvite;
  Me: Me;
  MemberInfo: MemberInfo;
  MemberList: MemberList;
  Problem: Problem;
  Readiness: Readiness;
  RepositoryList: RepositoryList;
  SecretList: SecretList;
  SentMessage: SentMessage;
  SessionList: SessionList;
  Settings: Settings;
  SignInLink: SignInLink;
  SignInMethods: SignInMethods;
  Task: Task;
  TaskDiff: TaskDiff;
  TaskEgress: TaskEgress;
  TaskPage: TaskPage;
  VapidKey: VapidKey;
  WaitingMessages: WaitingMessages;
}

export type AnswerName = keyof Answers;

export type Understood<T> = { ok: true; data: T } | { ok: false; why: string };

/** Looks whether a body is the answer that it should be. */
export type ReadAnswer = <N extends AnswerName>(name: N, body: unknown) => Understood<Answers[N]>;
