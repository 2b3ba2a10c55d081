import { AllowHost, EgressOverview, EgressSettings, RepositoryEgress, TaskEgress } from "@farhand/protocol";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { failure } from "../domain/failure.ts";
import { PACKAGE_HOSTS } from "../domain/package-hosts.ts";
import { type ApiContext, type ApiEnvironment, ownTask } from "./context.ts";
import { body, json, problems, TaskPath } from "./schemas.ts";

// Copies, as in `schemas`.
const shapes = {
  AllowHost: AllowHost.clone().openapi("AllowHost"),
  EgressOverview: EgressOverview.clone().openapi("EgressOverview"),
  EgressSettings: EgressSettings.clone().openapi("EgressSettings"),
  RepositoryEgress: RepositoryEgress.clone().openapi("RepositoryEgress"),
  TaskEgress: TaskEgress.clone().openapi("TaskEgress"),
};

const tags = ["Network"];

const getEgress = createRoute({
  method: "get",
  tags,
  path: "/egress",
  summary: "What sandboxes may reach: your default, and what you have set for single repositories",
  responses: { 200: json(shapes.EgressOverview, "The settings."), 401: problems[401] },
});

const putDefault = createRoute({
  method: "put",
  tags,
  path: "/egress",
  summary: "Set your default; it holds from the next connection on",
  request: { body: body(shapes.EgressSettings) },
  responses: {
    200: json(shapes.EgressOverview, "The settings as they are now."),
    400: problems[400],
    401: problems[401],
  },
});

const putRepository = createRoute({
  method: "put",
  tags,
  path: "/egress/repositories",
  summary: "Set what holds for one repository; without a mode and hosts the default alone holds again",
  request: { body: body(shapes.RepositoryEgress) },
  responses: {
    200: json(shapes.EgressOverview, "The settings as they are now."),
    400: problems[400],
    401: problems[401],
  },
});

const getTaskEgress = createRoute({
  method: "get",
  tags,
  path: "/tasks/{id}/egress",
  summary: "What the task's sandbox may reach now",
  request: { params: TaskPath },
  responses: {
    200: json(shapes.TaskEgress, "The policy."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

const allowHost = createRoute({
  method: "post",
  tags,
  path: "/tasks/{id}/egress/allow",
  summary: "Allow a host for the task's repository; it holds from the next connection on",
  request: { params: TaskPath, body: body(shapes.AllowHost) },
  responses: {
    200: json(shapes.TaskEgress, "The policy as it is now."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
    409: problems[409],
  },
});

export function mountEgress(api: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { egress, audit, log } = context;

  const overview = async (userId: string) => ({
    ...(await egress.overview(userId)),
    packageHosts: [...PACKAGE_HOSTS],
  });
  const record = (vars: ApiEnvironment["Variables"], action: string, subject: string, detail: string) =>
    audit.record({ userId: vars.userId, action, subject, address: vars.peer.address, detail });
  const describe = (mode: string | null, hosts: string[]) =>
    [`network: ${mode ?? "as by default"}`, ...hosts].join(" ");

  api.openapi(getEgress, async (c) => c.json(await overview(c.get("userId")), 200));

  api.openapi(putDefault, async (c) => {
    const settings = c.req.valid("json");
    await egress.setDefault(c.get("userId"), settings);
    await record(c.var, "settings.changed", "egress", describe(settings.mode, settings.hosts));
    return c.json(await overview(c.get("userId")), 200);
  });

  api.openapi(putRepository, async (c) => {
    const settings = c.req.valid("json");
    await egress.setRepository(c.get("userId"), settings);
    await record(
      c.var,
      "settings.changed",
      `egress ${settings.repository}`,
      describe(settings.mode, settings.hosts),
    );
    return c.json(await overview(c.get("userId")), 200);
  });

  api.openapi(getTaskEgress, async (c) => {
    const { repository } = await ownTask(context, c.get("userId"), c.req.valid("param").id);
    return c.json({ repository, ...(await egress.policy(c.get("userId"), repository)) }, 200);
  });

  api.openapi(allowHost, async (c) => {
    const userId = c.get("userId");
    const { host } = c.req.valid("json");
    const { id, repository } = await ownTask(context, userId, c.req.valid("param").id);
    const { mode } = await egress.policy(userId, repository);
    if (mode === "none")
      throw failure(
        "conflict",
        `The network is off for ${repository}, so allowing ${host} would change nothing.`,
        "Set the repository's mode to list or packages first (PUT /api/egress/repositories).",
      );
    if (await egress.allow(userId, repository, host)) {
      await record(c.var, "host.allowed", host, repository);
      await log.append(id, 0, [{ type: "egress.allowed", host }]);
    }
    return c.json({ repository, ...(await egress.policy(userId, repository)) }, 200);
  });
}
