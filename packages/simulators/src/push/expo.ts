import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Failure, Failures } from "./failures.ts";

const MESSAGE_MAX_BYTES = 4096;
const MOST_MESSAGES = 100;
const MOST_RECEIPTS = 1000;

/** Source: https://docs.expo.dev/push-notifications/sending-notifications/#message-request-format */
const Message = z.strictObject({
  to: z.string(),
  title: z.string().optional(),
  subtitle: z.string().optional(),
  body: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  sound: z.string().nullable().optional(),
  ttl: z.int().min(0).optional(),
  expiration: z.int().optional(),
  priority: z.enum(["default", "normal", "high"]).optional(),
  interruptionLevel: z.enum(["active", "critical", "passive", "time-sensitive"]).optional(),
  badge: z.int().optional(),
  channelId: z.string().optional(),
  categoryId: z.string().optional(),
  mutableContent: z.boolean().optional(),
  collapseId: z.string().max(64).optional(),
  tag: z.string().optional(),
  threadId: z.string().optional(),
});
export type ExpoMessage = z.infer<typeof Message>;
const Receipts = z.strictObject({ ids: z.array(z.string()).max(MOST_RECEIPTS) });

type Receipt = { status: "ok" } | { status: "error"; message: string; details: { error: string } };

export interface ExpoPushService extends AsyncDisposable {
  /** For `EXPO_BASE_URL`. */
  url: string;
  /** An app is installed on a device. @returns its token */
  install(): string;
  /**
   * The app is removed. `told`: Expo knows already, and refuses the message; otherwise it takes the message, and only the
   * receipt tells.
   */
  uninstall(token: string, told: boolean): void;
  messages: ExpoMessage[];
  refusals: string[];
  /** Receipts that were asked for. */
  asked: string[];
  /** Until then receipts are not there yet. */
  areReceiptsReady: boolean;
  fail(failure: Failure): void;
}

/** Expo's push API, as `expo-server-sdk` speaks to it. */
export async function startExpoPushService(options: { accessToken?: string } = {}): Promise<ExpoPushService> {
  const installed = new Map<string, "installed" | "unknown" | "known">();
  const receipts = new Map<string, Receipt>();
  const failures = new Failures();

  const gone = (token: string) => ({
    status: "error" as const,
    message: `"${token}" is not a registered push notification recipient`,
    details: { error: "DeviceNotRegistered", expoPushToken: token },
  });

  function ticketOf(message: ExpoMessage) {
    const state = installed.get(message.to);
    if (state === undefined || state === "known") return gone(message.to);
    if (Buffer.byteLength(JSON.stringify(message)) > MESSAGE_MAX_BYTES)
      return { status: "error", message: "too big", details: { error: "MessageTooBig" } };
    service.messages.push(message);
    const id = randomUUID();
    receipts.set(id, state === "unknown" ? gone(message.to) : { status: "ok" });
    return { status: "ok", id };
  }

  function refuse(status: number, code: string, message: string): Response {
    service.refusals.push(message);
    return Response.json({ errors: [{ code, message }] }, { status });
  }

  async function answer(request: Request): Promise<Response> {
    const failure = await failures.next(request);
    if (failure) return failure;
    const { accessToken } = options;
    if (accessToken !== undefined && request.headers.get("authorization") !== `Bearer ${accessToken}`)
      return refuse(401, "UNAUTHORIZED", "the bearer token is invalid");
    const bytes = new Uint8Array(await request.arrayBuffer());
    const isZipped = request.headers.get("content-encoding") === "gzip";
    const body: unknown = JSON.parse(Buffer.from(isZipped ? Bun.gunzipSync(bytes) : bytes).toString("utf8"));
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case "POST /--/api/v2/push/send": {
        const sent = z.array(Message).min(1).max(MOST_MESSAGES).safeParse(body);
        if (!sent.success) return refuse(400, "VALIDATION_ERROR", z.prettifyError(sent.error));
        return Response.json({ data: sent.data.map(ticketOf) });
      }
      case "POST /--/api/v2/push/getReceipts": {
        const wanted = Receipts.safeParse(body);
        if (!wanted.success) return refuse(400, "VALIDATION_ERROR", z.prettifyError(wanted.error));
        service.asked.push(...wanted.data.ids);
        const known = service.areReceiptsReady ? wanted.data.ids.filter((id) => receipts.has(id)) : [];
        return Response.json({ data: Object.fromEntries(known.map((id) => [id, receipts.get(id)])) });
      }
      default:
        return refuse(404, "NOT_FOUND", "there is no such address");
    }
  }

  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: answer });
  const service: ExpoPushService = {
    url: `http://127.0.0.1:${server.port}`,
    messages: [],
    refusals: [],
    asked: [],
    areReceiptsReady: true,
    install() {
      const token = `ExponentPushToken[${randomUUID().replaceAll("-", "").slice(0, 22)}]`;
      installed.set(token, "installed");
      return token;
    },
    uninstall: (token, told) => void installed.set(token, told ? "known" : "unknown"),
    fail: (failure) => failures.add(failure),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return service;
}
