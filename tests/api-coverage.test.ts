import { expect, test } from "bun:test";
import * as protocol from "@farhand/protocol";
import { z } from "zod";
import type { AnswerName } from "../packages/client/src/answers.ts";
import type { Change, Read, Rest } from "../packages/client/src/rest.ts";
import { createRestApi, type RestApi } from "../packages/client/src/rest-api.ts";
import { schemas as answers } from "../packages/client/src/strict-answers.ts";
import { createApp } from "../packages/coordinator/src/http/app.ts";
import type { ApiContext } from "../packages/coordinator/src/http/context.ts";

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: { "application/json"?: { schema: Schema } } };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}
interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** What a call asks for. */
interface Asked {
  route: string;
  query: string[];
  body: unknown;
  /** Null for bytes. */
  answer: AnswerName | null;
}

/** Only the shapes of routes are asked for, and none is called: the document needs no stores. */
const app = createApp({ version: "1.2.3", commands: {} } as ApiContext);
const document = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const operations = new Map<string, Operation>();
for (const [path, item] of Object.entries(document.paths ?? {}))
  for (const method of METHODS) {
    const operation = (item as Partial<Record<string, Operation>>)[method];
    if (operation) operations.set(`${method.toUpperCase()} ${path.replace(/^\/api/, "")}`, operation);
  }

/** Which calls are made with what; every field of a query and of a body that there is. */
const calls: Record<keyof RestApi, (api: RestApi) => Promise<unknown>> = {
  createTask: (it) => it.createTask({ repository: "https://example.com/a.git", prompt: "p" }),
  listTasks: (it) => it.listTasks({ cursor: "c", limit: 1, state: "idle" }),
  getTask: (it) => it.getTask("{id}"),
  sendMessage: (it) => it.sendMessage("{id}", { text: "t" }),
  messages: (it) => it.messages("{id}"),
  editMessage: (it) => it.editMessage("{id}", "{messageId}", { text: "t" }),
  withdrawMessage: (it) => it.withdrawMessage("{id}", "{messageId}"),
  reorderMessages: (it) => it.reorderMessages("{id}", ["m_01j9z3k4m5n6p7q8r9s0t1v2w3"]),
  putAttachment: (it) =>
    it.putAttachment({ id: "{id}", name: "a.png", mediaType: "image/png" }, new Uint8Array(1)),
  attachment: (it) => it.attachment("{id}"),
  repositories: (it) => it.repositories("a"),
  branches: (it) => it.branches("https://example.com/a.git"),
  stop: (it) => it.stop("{id}"),
  cancelTask: (it) => it.cancelTask("{id}"),
  retry: (it) => it.retry("{id}"),
  answer: (it) => it.answer("{id}", { questionId: "q1", answer: "yes" }),
  approve: (it) => it.approve("{id}", { kind: "workflows" }),
  archive: (it) => it.archive("{id}"),
  rollBack: (it) => it.rollBack("{id}", 1),
  fork: (it) => it.fork("{id}", { prompt: "p" }),
  events: async (it) => {
    await it.events("{id}", { after: 1, limit: 2 });
    return it.events("{id}", { before: 1, limit: 2 });
  },
  files: (it) => it.files("{id}", { at: "latest", path: "a" }),
  output: (it) => it.output("{id}", "{toolUseId}"),
  searchFiles: (it) => it.searchFiles("{id}", { q: "a", at: "latest" }),
  rawFile: (it) => it.rawFile("{id}", { at: "latest", path: "a" }),
  diff: (it) => it.diff("{id}", { from: "base", to: "latest", path: "a" }),
  keys: (it) => it.keys(),
  putKey: (it) => it.putKey({ purpose: "model", key: "sk-of-sixteen-characters" }, { isUnchecked: true }),
  checkKey: (it) => it.checkKey("{id}"),
  removeKey: (it) => it.removeKey("{id}"),
  secrets: (it) => it.secrets("r"),
  putSecret: (it) => it.putSecret({ repository: "r", name: "N", value: "v", isForAgent: false }),
  removeSecret: (it) => it.removeSecret("r", "N"),
  costs: (it) => it.costs({ by: "day", from: "2026-01-01", to: "2026-01-02" }),
  setBudget: (it) => it.setBudget("{id}", { maxUsd: 1 }),
  audit: (it) => it.audit({ before: 1, limit: 2 }),
  exportAudit: (it) => it.exportAudit(),
  signInMethods: (it) => it.signInMethods(),
  me: (it) => it.me(),
  sessions: (it) => it.sessions(),
  endSession: (it) => it.endSession("{id}"),
  makeSignInLink: (it) => it.makeSignInLink(),
  invite: (it) => it.invite(null),
  invites: (it) => it.invites(),
  withdrawInvite: (it) => it.withdrawInvite("{id}"),
  members: (it) => it.members(),
  removeMember: (it) => it.removeMember("{id}"),
  updateMember: (it) => it.updateMember("{id}", { cap: null }),
  makeMemberLink: (it) => it.makeMemberLink("{id}"),
  vapidKey: (it) => it.vapidKey(),
  devices: (it) => it.devices(),
  registerDevice: (it) =>
    it.registerDevice({
      label: "l",
      target: { channel: "ntfy", server: "https://ntfy.example.com", topic: "t", accessToken: null },
    }),
  updateDevice: (it) => it.updateDevice("{id}", { label: "l" }),
  removeDevice: (it) => it.removeDevice("{id}"),
  testDevice: (it) => it.testDevice("{id}"),
  egress: (it) => it.egress(),
  setEgress: (it) => it.setEgress({ mode: "none", hosts: [] }),
  setRepositoryEgress: (it) => it.setRepositoryEgress({ repository: "r", mode: null, hosts: [] }),
  taskEgress: (it) => it.taskEgress("{id}"),
  allowHost: (it) => it.allowHost("{id}", "example.com"),
  settings: (it) => it.settings(),
  updateSettings: (it) => it.updateSettings({}),
  live: (it) => it.live(),
  ready: (it) => it.ready(),
};

/** Not in this version's document yet; the client is ahead of it. */
const AHEAD: string[] = [];
/** The same under a second address. */
const ALIASES = ["GET /health"];

const asked: Asked[] = [];
function note(method: string, request: Read | Change, answer: AnswerName | null) {
  asked.push({
    route: `${method} ${decodeURIComponent(request.path).replace(/^\/api/, "")}`,
    query: Object.keys(request.query ?? {}),
    body: "body" in request ? request.body : undefined,
    answer,
  });
  return Promise.resolve({} as never);
}
const rest: Rest = {
  read: (name, request) => note("GET", request, name),
  bytes: (request) => note("GET", request, null),
  // Its body is the file itself.
  upload: (name, { path, query }) => note("PUT", query ? { path, query } : { path }, name),
  change: (name, request) => note(request.method, request, name),
};
const api = createRestApi(rest);
for (const call of Object.values(calls)) await call(api);

const ofDocument = asked.filter(({ route }) => operations.has(route));

test("every route of the API has a typed call, and every call a route", () => {
  const called = new Set(asked.map(({ route }) => route));
  expect([...operations.keys()].filter((route) => !called.has(route) && !ALIASES.includes(route))).toEqual(
    [],
  );
  expect([...called].filter((route) => !operations.has(route) && !AHEAD.includes(route))).toEqual([]);
});

test("a call's answer has the shape that the API gives it", () => {
  for (const { route, answer } of ofDocument) {
    if (answer === null) continue;
    const success = Object.entries(operations.get(route)?.responses ?? {}).find(([status]) => status < "300");
    const schema = success?.[1].content?.["application/json"]?.schema;
    const ours = z.toJSONSchema(answers[answer], { io: "output", unrepresentable: "any" }) as Schema;
    const named = schema?.$ref?.split("/").at(-1);
    if (named) expect([route, named]).toEqual([route, answer]);
    else expect([route, fieldsOf(schema)]).toEqual([route, fieldsOf(ours)]);
  }
});

test("a call asks by the names that the API knows", () => {
  const names = new Map<string, Set<string>>();
  for (const { route, query } of ofDocument)
    names.set(route, new Set([...(names.get(route) ?? []), ...query]));
  for (const [route, given] of names) {
    const known = (operations.get(route)?.parameters ?? []).filter((it) => it.in === "query");
    expect([route, [...given].sort()]).toEqual([route, known.map(({ name }) => name).sort()]);
  }
});

test("a call's body is what the API takes", () => {
  for (const { route, body } of ofDocument) {
    const content = operations.get(route)?.requestBody?.content["application/json"];
    expect([route, body !== undefined]).toEqual([route, content !== undefined]);
    const name = content?.schema.$ref?.split("/").at(-1);
    const schema = name ? (protocol as Record<string, unknown>)[name] : undefined;
    if (schema instanceof z.ZodType)
      expect([route, schema.safeParse(body).error?.message]).toEqual([route, undefined]);
    else if (content)
      expect([route, Object.keys(body as object).sort()]).toEqual([route, fieldsOf(content.schema)]);
  }
});

/** Names of all fields, of each form where there are several. */
function fieldsOf(schema: Schema | undefined): string[] {
  const forms = schema?.anyOf ?? schema?.oneOf ?? [schema];
  return [...new Set(forms.flatMap((form) => Object.keys(form?.properties ?? {})))].sort();
}
