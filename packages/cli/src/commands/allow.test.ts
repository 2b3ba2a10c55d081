import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AllowHost, EgressOverview, EgressSettings, RepositoryEgress, TaskEgress } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { runFarhand } from "../../test/start-farhand.ts";

const REPOSITORY = "https://github.com/octo/shop";
const [TASK] = fixtures.tasks as [{ id: string }];

let asked: [string, unknown][] = [];
let overview: EgressOverview;
let server: Bun.Server<undefined>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
  server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const call = `${request.method} ${pathname}`;
      const body = request.method === "GET" ? null : await request.json();
      if (body !== null) asked.push([call, body]);
      switch (call) {
        case "GET /api/settings":
          return Response.json((fixtures.answers.settings as unknown[])[0]);
        case `GET /api/tasks/${TASK.id}`:
          return Response.json(TASK);
        case `POST /api/tasks/${TASK.id}/egress/allow`: {
          const { host } = AllowHost.parse(body);
          return Response.json(TaskEgress.parse({ repository: REPOSITORY, mode: "packages", hosts: [host] }));
        }
        case "PUT /api/egress":
          overview = { ...overview, default: EgressSettings.parse(body) };
          return Response.json(overview);
        case "PUT /api/egress/repositories":
          overview = { ...overview, repositories: [RepositoryEgress.parse(body)] };
          return Response.json(overview);
        case "GET /api/egress":
          return Response.json(overview);
      }
      return new Response(null, { status: 404 });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  overview = EgressOverview.parse({
    default: { mode: "packages", hosts: ["a.example.com"] },
    repositories: [{ repository: REPOSITORY, mode: null, hosts: ["b.example.com"] }],
    packageHosts: [],
  });
});

const farhand = (...argv: string[]) =>
  runFarhand(argv, { data: folder, url: server.url.origin, token: "fho_token-for-tests" });

test("`allow` opens a host and says for which repository", async () => {
  const { stdout: out, stderr: complaints, exitCode } = await farhand("allow", TASK.id, "mirror.example.com");
  expect([exitCode, complaints]).toEqual([0, ""]);
  expect(out).toContain(`mirror.example.com may be reached from now on, by tasks of ${REPOSITORY}.`);
  expect(asked).toEqual([[`POST /api/tasks/${TASK.id}/egress/allow`, { host: "mirror.example.com" }]]);
});

test("`network` shows the default and what single repositories have", async () => {
  const { stdout: out, exitCode } = await farhand("network");
  expect(exitCode).toBe(0);
  expect(out).toContain("default: packages (the public package registries) + a.example.com");
  expect(out).toContain(`${REPOSITORY}: as by default + b.example.com`);
  expect(asked).toEqual([]);
});

test.each<[string[], string, unknown]>([
  [["--mode", "list"], "PUT /api/egress", { mode: "list", hosts: ["a.example.com"] }],
  [["--hosts", "x.test", "*.y.test"], "PUT /api/egress", { mode: "packages", hosts: ["x.test", "*.y.test"] }],
  [["--no-hosts"], "PUT /api/egress", { mode: "packages", hosts: [] }],
  [
    ["--repository", REPOSITORY, "--mode", "all"],
    "PUT /api/egress/repositories",
    { repository: REPOSITORY, mode: "all", hosts: ["b.example.com"] },
  ],
  [
    ["--repository", REPOSITORY, "--mode", "default", "--no-hosts"],
    "PUT /api/egress/repositories",
    { repository: REPOSITORY, mode: null, hosts: [] },
  ],
])("`network %j` changes what is named and keeps the rest", async (argv, call, body) => {
  const { stderr: complaints, exitCode } = await farhand("network", ...argv);
  expect([exitCode, complaints]).toEqual([0, ""]);
  expect(asked).toEqual([[call, body]]);
});

test("a mode that does not exist is refused before anything is asked", async () => {
  expect((await farhand("network", "--mode", "some")).exitCode).toBe(2);
  expect(asked).toEqual([]);
});
