import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloseCode, PROTOCOL_VERSION, ServerFrame, SignInLink, Task, TaskPage } from "@farhand/protocol";
import { startClaudeSimulator } from "@farhand/simulators/claude";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { makeSampleRepository } from "@farhand/simulators/sample-repository";
import { canaryFinder, formsOf } from "./support/canaries.ts";
import { type Deployment, findCompose, hostAddress, startDeployment, until } from "./support/deployment.ts";
import { noDocker } from "./support/docker.ts";
import { CANARY, needed } from "./support/world.ts";

const compose = noDocker ? null : await findCompose();
if (!noDocker && compose === null)
  process.stdout.write(
    "Tests of deploy/ are skipped: there is no Docker Compose on this machine (apt-get install docker-compose).\n",
  );

let deployment: Deployment;
let github: GitHubSimulator;
let repository: string;
await using stack = new AsyncDisposableStack();
const resources = stack.move();

beforeAll(async () => {
  if (compose === null) return;
  const folder = await mkdtemp(join(tmpdir(), "fh-forge-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const hostname = await hostAddress();
  const claude = resources.use(
    await startClaudeSimulator({ apiKeys: [CANARY.modelKey], delayFactor: 0, hostname }),
  );
  await mkdir(join(folder, "github"));
  github = resources.use(
    await startGitHubSimulator({
      tokens: { [CANARY.githubToken]: "octo" },
      root: join(folder, "github"),
      hostname,
    }),
  );
  await makeSampleRepository(join(folder, "sample.git"));
  repository = (await github.addRepository("octo", "shop", join(folder, "sample.git"))).cloneUrl;
  deployment = resources.use(
    await startDeployment(compose, {
      FARHAND_WORKER_IMAGE: needed("FARHAND_WORKER_IMAGE"),
      FARHAND_WARM_SECONDS: "0",
      FARHAND_ANTHROPIC_URL: claude.url,
      ANTHROPIC_API_KEY: CANARY.modelKey,
      FARHAND_GITHUB_URL: github.url,
      FARHAND_GITHUB_API_URL: github.apiUrl,
      FARHAND_GITHUB_TOKEN: CANARY.githubToken,
    }),
  );
}, 900_000);
afterAll(() => resources.disposeAsync(), 120_000);

/** Asks for a link as the command line in the container does. */
const MAKE_LINK = `
  const token = (await Bun.file(process.env.FARHAND_HOME + "/data/owner.token").text()).trim();
  const answer = await fetch("http://127.0.0.1:8787/api/sign-in-links", {
    method: "POST",
    headers: { authorization: "Bearer " + token },
  });
  process.stdout.write(await answer.text());
`;

/** Through Caddy, as a client on another machine. */
const call = (path: string, init: RequestInit = {}) =>
  fetch(`${deployment.url}${path}`, { ...init, redirect: "manual", tls: { ca: deployment.ca } });

/** The command line inside of the container, which the machine's own token opens the server for. */
const farhand = (...argv: string[]) => deployment.inside("coordinator", "farhand", ...argv);

describe.skipIf(compose === null)("deploy/compose.yaml", () => {
  test("serves the API over TLS by Caddy's own authority, and sends plain HTTP there", async () => {
    expect((await call("/api/health/live")).status).toBe(200);
    const plain = await fetch(`${deployment.httpUrl}/api/health/live`, { redirect: "manual" });
    expect([plain.status, plain.headers.get("location")]).toEqual([308, "https://localhost/api/health/live"]);
    const stranger = fetch(`${deployment.url}/api/health/live`);
    expect(stranger).rejects.toThrow(/certificate|issuer/i);
  });

  test("prints the link of the first start into its log, and its pages name the command line as it is called here", async () => {
    const logs = await deployment.logs("coordinator");
    expect(logs).toMatch(/https:\/\/localhost\S*\/setup\?token=[\w-]{40,}/);
    // A phone cannot open this test's own name of the server.
    expect(logs).toContain("Set FARHAND_PUBLIC_URL");
    expect(await (await call("/sign-in")).text()).toContain(
      "docker compose -f deploy/compose.yaml exec coordinator farhand link",
    );
    expect(await farhand("link")).toMatch(/\/link\?token=[\w-]{40,}/);
  });

  test("has each security header once, and names no program", async () => {
    const { headers } = await call("/api/health/live");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toStartWith("default-src 'none'; base-uri 'none'");
    expect(headers.get("server")).toBeNull();
  });

  test("gives the engine's socket to the coordinator alone, which is no root and has no capability", async () => {
    const [coordinator, caddy] = [
      await deployment.container("coordinator"),
      await deployment.container("caddy"),
    ];
    const socketIn = (mounts: { Source: string }[]) =>
      mounts.some(({ Source }) => /docker\.sock$/.test(Source));
    expect([socketIn(coordinator.Mounts), socketIn(caddy.Mounts)]).toEqual([true, false]);
    // Nobody reaches the coordinator but over Caddy.
    expect(Object.keys(coordinator.HostConfig.PortBindings ?? {})).toEqual([]);
    const servers = await statusOfServers(coordinator.State.Pid);
    expect(servers.length).toBeGreaterThan(0);
    for (const status of servers) {
      expect(status.uid).toBe("10002");
      expect(status.capabilities).toBe("0000000000000000");
    }
  });

  test("lets WebSockets through to the hub, and none of another origin's page", async () => {
    const url = `${deployment.url.replace("https", "wss")}/api/ws`;
    const hello = JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token: "fho_wrong" });
    const closedWith = (origin: string) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(url, { headers: { origin }, tls: { ca: deployment.ca } });
        socket.addEventListener("open", () => socket.send(hello));
        socket.addEventListener("close", ({ code }) => resolve(code));
      });
    expect(await closedWith("https://localhost")).toBe(CloseCode.unauthorized);
    expect(await closedWith("https://evil.example.com")).not.toBe(CloseCode.unauthorized);
  });

  test("signs a browser in through Caddy by a link, and shows it each word of a task as it comes", async () => {
    const { url } = SignInLink.parse(
      JSON.parse(await deployment.inside("coordinator", "bun", "--no-env-file", "-e", MAKE_LINK)),
    );
    expect(url).toStartWith("https://localhost/link?token=");
    const signedIn = await call("/link", {
      method: "POST",
      headers: { origin: "https://localhost" },
      body: new URLSearchParams({ token: new URL(url).searchParams.get("token") ?? "" }),
    });
    const set = signedIn.headers.getSetCookie().find((it) => /session/i.test(it)) ?? "";
    expect(set).toMatch(/; *Secure/i);
    expect(set).toMatch(/; *HttpOnly/i);
    const browser = { cookie: set.split(";")[0] ?? "", origin: "https://localhost" };

    const created = await call("/api/tasks", {
      method: "POST",
      headers: { ...browser, "content-type": "application/json" },
      body: JSON.stringify({ repository, prompt: "Speak. [scenario:speak-slowly]" }),
    });
    const task = Task.parse(await created.json());
    const socket = new WebSocket(`${deployment.url.replace("https", "wss")}/api/ws`, {
      headers: browser,
      tls: { ca: deployment.ca },
    });
    const seen: string[] = [];
    const stateAtFirstWord = Promise.withResolvers<string>();
    const ended = Promise.withResolvers<void>();
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token: "" }));
      socket.send(JSON.stringify({ type: "subscribe", taskId: task.id, after: 0 }));
    });
    socket.addEventListener("message", ({ data }) => {
      const frame = ServerFrame.parse(JSON.parse(String(data)));
      const kind = frame.type === "event" ? frame.event.body.type : frame.type;
      seen.push(kind);
      if (kind === "delta" && seen.filter((it) => it === kind).length === 1)
        void call(`/api/tasks/${task.id}`, { headers: browser })
          .then(async (answer) => stateAtFirstWord.resolve(Task.parse(await answer.json()).state))
          .catch(stateAtFirstWord.reject);
      if (kind === "turn.finished") ended.resolve();
    });
    // A proxy that held frames back would bring the first word together with the last.
    expect(await stateAtFirstWord.promise).toBe("running");
    await ended.promise;
    socket.close();
    expect(seen.indexOf("delta")).toBeLessThan(seen.indexOf("assistant.message"));
    expect(seen.filter((kind) => kind === "delta").length).toBeGreaterThan(2);
  });

  test("opens nothing from outside for the machine's own token", async () => {
    const token = (
      await deployment.inside("coordinator", "cat", `${deployment.home}/data/owner.token`)
    ).trim();
    const headers = { authorization: `Bearer ${token}` };
    expect((await call("/api/tasks", { headers })).status).toBe(401);
    // Nor where the client claims to be the machine itself.
    expect(
      (await call("/api/tasks", { headers: { ...headers, "x-forwarded-for": "127.0.0.1" } })).status,
    ).toBe(401);
  });

  test("keeps all data under the one path that is the same inside and outside", async () => {
    const { Mounts } = await deployment.container("coordinator");
    const own = Mounts.filter(({ Source }) => !Source.endsWith("docker.sock"));
    expect(own.map(({ Source, Destination }) => [Source, Destination])).toEqual([
      [deployment.home, deployment.home],
    ]);
    const data = await stat(join(deployment.home, "data"));
    expect([data.uid, data.mode & 0o777]).toEqual([10002, 0o700]);
  });

  test("does a whole task, whose sandbox stands beside the coordinator on the same engine", async () => {
    const out = await farhand(
      "run",
      repository,
      "Fix the failing test. [scenario:fix-failing-test]",
      "--json",
    );
    const last = JSON.parse(out.trim().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ result: "idle", pullRequestUrl: `${github.url}/octo/shop/pull/1` });
    const audit = await farhand("audit", "--json");
    expect(audit).toContain('"action":"pull_request.opened"');
    expect(audit).toContain('"action":"task.created"');
  });

  test("goes on with a task when the coordinator's container has been started again", async () => {
    const cut = farhand("run", repository, "Rest. [scenario:many-steps]", "--json").catch(() => null);
    const newest = async () => {
      const out = await farhand("tasks", "--json", "--limit", "1").catch(() => null);
      return out === null ? null : TaskPage.shape.tasks.parse(JSON.parse(out).tasks)[0];
    };
    const task = await until("the task's start", async () => {
      const found = await newest();
      return found?.prompt.startsWith("Rest.") && found.state === "running" ? found : null;
    });
    await deployment.compose("restart", "coordinator");
    await cut;
    const ended = await until("the task's end", async () => {
      const found = await newest();
      return found?.state === "idle" || found?.state === "failed" ? found : null;
    });
    expect(ended).toMatchObject({ id: task.id, state: "idle", failure: null });
  });

  test("is found healthy by the engine", async () => {
    await until("the container's health", async () =>
      (await deployment.container("coordinator")).State.Health?.Status === "healthy" ? true : null,
    );
  });

  test("knows a guesser by the address that Caddy tells, whatever the guesser claims", async () => {
    const statuses = new Set<number>();
    for (let number = 0; number < 40; number += 1) {
      const headers = { authorization: "Bearer fho_guess", "x-forwarded-for": `203.0.113.${number}` };
      statuses.add((await call("/api/tasks", { headers })).status);
    }
    expect([...statuses].sort()).toEqual([401, 429]);
    // And from inside, where the command line is, nothing is held back.
    expect(await farhand("tasks", "--json")).toContain('"tasks"');
  });

  test("leaves no key in the containers' data and logs", async () => {
    // As the container's root: the folder is closed to other users of this machine.
    const inside = (script: string) => deployment.inside("coordinator", "sh", "-c", script);
    const forms = Object.values(CANARY).flatMap(formsOf);
    const find = canaryFinder(CANARY);
    const options = (words: string[]) => words.map((word) => `-e '${word}'`).join(" ");
    const filesWith = (words: string[]) => inside(`grep -rlF ${options(words)} ${deployment.home} || true`);
    const objects = `find ${deployment.home} -type d -name '*.git' | while read -r it; do
      git -c safe.directory='*' -C "$it" cat-file --batch-all-objects --batch; done`;
    const objectsWith = async (words: string[]) =>
      (await inside(`${objects} | grep -acF ${options(words)} || true`)).trim();
    expect([await filesWith(forms), await objectsWith(forms)]).toEqual(["", "0"]);
    // The searches find what is there.
    expect(await filesWith(["Fix the failing test"])).toContain("agent.db");
    expect(Number(await objectsWith(["discount"]))).toBeGreaterThan(0);
    const logs = (await deployment.logs("coordinator")) + (await deployment.logs("caddy"));
    expect(logs).toContain("the coordinator listens");
    expect(find(logs)).toEqual([]);
  });
});

/** Of every process in the container but its init: whose it is, and what it may do. */
async function statusOfServers(initPid: number): Promise<{ uid: string; capabilities: string }[]> {
  const pids = (await readFile(`/proc/${initPid}/task/${initPid}/children`, "utf8")).trim().split(" ");
  return Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
      return { uid: field("Uid"), capabilities: field("CapEff") };
    }),
  );
}
