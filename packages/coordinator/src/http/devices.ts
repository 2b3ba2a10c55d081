import { DeviceId, type DeviceInfo } from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { body, json, problems, schemas } from "./schemas.ts";

const DevicePath = z.strictObject({ id: DeviceId });

const vapidKey = createRoute({
  method: "get",
  tags: ["Notifications"],
  path: "/notifications/vapid",
  summary: "The key with which a browser subscribes to Web Push",
  responses: { 200: json(schemas.VapidKey, "The server's public key."), 401: problems[401] },
});

const list = createRoute({
  method: "get",
  tags: ["Notifications"],
  path: "/devices",
  summary: "Your devices that get notifications, never where they are reached",
  responses: { 200: json(schemas.DeviceList, "The oldest first."), 401: problems[401] },
});

const register = createRoute({
  method: "post",
  tags: ["Notifications"],
  path: "/devices",
  summary: "Add a browser (Web Push), an app (Expo) or a topic of ntfy, or say anew where it is reached",
  request: { body: body(schemas.RegisterDevice) },
  responses: {
    200: json(schemas.DeviceInfo, "It was known already."),
    201: json(schemas.DeviceInfo, "It was added."),
    400: problems[400],
    401: problems[401],
    409: problems[409],
  },
});

const update = createRoute({
  method: "patch",
  tags: ["Notifications"],
  path: "/devices/{id}",
  summary: "Change a device's name, or what it is told: `needs-you`, `finished`, `failed`",
  request: { params: DevicePath, body: body(schemas.UpdateDevice) },
  responses: {
    200: json(schemas.DeviceInfo, "The device as it is now."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

const remove = createRoute({
  method: "delete",
  tags: ["Notifications"],
  path: "/devices/{id}",
  summary: "Send nothing more to a device",
  request: { params: DevicePath },
  responses: {
    200: json(schemas.DeviceList, "The devices that are left."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

const test = createRoute({
  method: "post",
  tags: ["Notifications"],
  path: "/devices/{id}/test",
  summary: "Send a notification at once, and say what came of it",
  request: { params: DevicePath },
  responses: {
    200: json(schemas.DeviceTest, "Whether its service has taken it."),
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

export function mountDevices(
  api: OpenAPIHono<ApiEnvironment>,
  { devices, audit }: Pick<ApiContext, "devices" | "audit">,
): void {
  const record = (c: Context<ApiEnvironment>, action: string, { id, channel, host, label }: DeviceInfo) =>
    audit.record({
      userId: c.get("userId"),
      action,
      subject: id,
      address: c.get("peer").address,
      detail: `${channel} at ${host}: ${label}`,
    });

  api.openapi(vapidKey, async (c) => c.json({ publicKey: await devices.vapidKey() }, 200));

  api.openapi(list, async (c) => c.json({ devices: await devices.list(c.get("identity")) }, 200));

  api.openapi(register, async (c) => {
    const { device, isNew } = await devices.register(c.get("identity"), c.req.valid("json"));
    await record(c, isNew ? "device.added" : "device.changed", device);
    return isNew ? c.json(device, 201) : c.json(device, 200);
  });

  api.openapi(update, async (c) => {
    const device = await devices.update(c.get("identity"), c.req.valid("param").id, c.req.valid("json"));
    await record(c, "device.changed", device);
    return c.json(device, 200);
  });

  api.openapi(remove, async (c) => {
    const device = await devices.remove(c.get("identity"), c.req.valid("param").id);
    await record(c, "device.removed", device);
    return c.json({ devices: await devices.list(c.get("identity")) }, 200);
  });

  api.openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    const result = await devices.test(c.get("identity"), id);
    const address = c.get("peer").address;
    await audit.record({
      userId: c.get("userId"),
      action: "device.tested",
      subject: id,
      address,
      detail: "",
    });
    return c.json(result, 200);
  });
}
