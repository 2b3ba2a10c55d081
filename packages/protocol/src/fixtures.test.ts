import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import { fixtures } from "../fixtures/index.ts";
import {
  AnswerQuestion,
  Approve,
  Assignment,
  BranchName,
  ClientFrame,
  CoordinatorEvent,
  CostReport,
  CreateTask,
  DeltaBatch,
  DeviceList,
  DeviceTest,
  EditMessage,
  EventAck,
  EventBatch,
  FileSearch,
  ForkTask,
  InboxPage,
  KeyList,
  Message,
  PROMPT_MAX_BYTES,
  Problem,
  PushNotification,
  PutKey,
  PutSecret,
  QuestionOutcome,
  RegisterDevice,
  ReorderMessages,
  RollBack,
  SearchText,
  SecretList,
  SendMessage,
  ServerFrame,
  SetBudget,
  Settings,
  TakeMessages,
  TakenMessages,
  Task,
  TaskEvent,
  UpdateDevice,
  UpdateSettings,
  VapidKey,
  WorkerEvent,
} from "./index.ts";

const shapes: [string, z.ZodType, unknown[]][] = [
  ["tasks", Task, fixtures.tasks],
  ["events", TaskEvent, fixtures.events],
  ["messages", Message, fixtures.messages],
  ["problems", Problem, fixtures.problems],
  ["client frames", ClientFrame, fixtures.frames.client],
  ["server frames", ServerFrame, fixtures.frames.server],
  ["assignments", Assignment, [fixtures.workerCalls.assignment]],
  ["event batches", EventBatch, [fixtures.workerCalls.eventBatch]],
  ["acknowledgements", EventAck, [fixtures.workerCalls.eventAck]],
  ["delta batches", DeltaBatch, [fixtures.workerCalls.deltaBatch]],
  ["inbox pages", InboxPage, [fixtures.workerCalls.inboxPage]],
  ["task creations", CreateTask, fixtures.commands.createTask],
  ["messages edited", EditMessage, fixtures.commands.editMessage],
  ["messages sent", SendMessage, fixtures.commands.sendMessage],
  ["roll-backs", RollBack, fixtures.commands.rollBack],
  ["answers to questions", AnswerQuestion, fixtures.commands.answerQuestion],
  ["outcomes of questions", QuestionOutcome, fixtures.workerCalls.questionOutcomes],
  ["notifications", PushNotification, fixtures.notifications.push],
  ["devices to register", RegisterDevice, fixtures.notifications.registerDevice],
  ["changes of devices", UpdateDevice, fixtures.notifications.updateDevice],
  ["lists of devices", DeviceList, fixtures.notifications.deviceList],
  ["tests of devices", DeviceTest, fixtures.notifications.deviceTest],
  ["keys for push", VapidKey, fixtures.notifications.vapidKey],
  ["approvals", Approve, fixtures.commands.approve],
  ["forks", ForkTask, fixtures.commands.forkTask],
  ["new orders of messages", ReorderMessages, fixtures.commands.reorderMessages],
  ["requests for messages", TakeMessages, [fixtures.workerCalls.takeMessages]],
  ["taken messages", TakenMessages, [fixtures.workerCalls.takenMessages]],
  ["settings changes", UpdateSettings, fixtures.commands.updateSettings],
  ["keys to put", PutKey, fixtures.commands.putKey],
  ["secrets to put", PutSecret, fixtures.commands.putSecret],
  ["budgets to set", SetBudget, fixtures.commands.setBudget],
  ["lists of keys", KeyList, fixtures.answers.keys],
  ["lists of secrets", SecretList, fixtures.answers.secrets],
  ["reports of costs", CostReport, fixtures.answers.costs],
  ["settings", Settings, fixtures.answers.settings],
  ["searches in files", FileSearch, fixtures.answers.fileSearches],
];

/** Keys that a shape may lack. */
const OPTIONAL = new Set([
  "batched",
  "model",
  "attachments",
  "baseBranch",
  "budget",
  "requestId",
  "fields",
  "defaultModel",
  "budgets",
  "baseUrl",
  "isForAgent",
  "isBearer",
  "maxUsd",
  "maxTokens",
  "kinds",
  "deviceId",
  "isWhole",
]);

for (const [name, shape, examples] of shapes)
  describe(name, () => {
    test("parse to themselves", () => {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(shape.parse(example)).toEqual(example);
    });

    test("are refused with an unknown key", () => {
      for (const example of examples)
        expect(shape.safeParse({ ...(example as object), surprise: true }).success).toBe(false);
    });

    test("are refused without any one key that is not optional", () => {
      for (const example of examples)
        for (const key of Object.keys(example as object)) {
          const { [key]: _left, ...rest } = example as Record<string, unknown>;
          const optional = OPTIONAL.has(key);
          // Elsewhere these have to be there.
          const isOptionalHere = ["forks turn", "approvals commit"].includes(`${name} ${key}`);
          if ((!optional && !isOptionalHere) || name === "tasks")
            expect([key, shape.safeParse(rest).success]).toEqual([key, false]);
        }
    });
  });

test("there is an example of every kind of event and frame", () => {
  const kinds = (union: { options: { shape: { type: { value: string } } }[] }) =>
    union.options.map((option) => option.shape.type.value).sort();
  const typesOf = (examples: unknown[]) =>
    [...new Set(examples.map((example) => (example as { type: string }).type))].sort();
  expect(typesOf(fixtures.events.map((event) => (event as TaskEvent).body))).toEqual(
    [...kinds(WorkerEvent), ...kinds(CoordinatorEvent)].sort(),
  );
  expect(typesOf(fixtures.frames.client)).toEqual(kinds(ClientFrame));
  expect(typesOf(fixtures.frames.server)).toEqual(kinds(ServerFrame));
});

test("branch names cannot hide options, ref tricks or shell words", () => {
  for (const name of ["main", "feature/x-1", "farhand/fix_2.0"])
    expect(BranchName.safeParse(name).success).toBe(true);
  for (const name of [
    "",
    "-x",
    "/x",
    "x/",
    ".x",
    "a..b",
    "a//b",
    "a.lock",
    "a/.b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a\\b",
    "@{-1}",
    "$(id)",
    "a\nb",
    "x.",
    "a.lock/b",
  ])
    expect([name, BranchName.safeParse(name).success]).toEqual([name, false]);
});

test("a prompt is measured in bytes", () => {
  const prompt = (text: string) => CreateTask.safeParse({ repository: "/r", prompt: text }).success;
  expect(prompt("x".repeat(PROMPT_MAX_BYTES))).toBe(true);
  expect(prompt("é".repeat(PROMPT_MAX_BYTES / 2 + 1))).toBe(false);
});

test("a text to look for is one line that is not empty", () => {
  for (const text of ["x", " ", "-e", ".*", "a\rb", "漢"])
    expect(SearchText.safeParse(text).success).toBe(true);
  for (const text of ["", "a\nb", "a\0", "x".repeat(201)])
    expect([text, SearchText.safeParse(text).success]).toEqual([text, false]);
});
