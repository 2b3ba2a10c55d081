import { z } from "zod";
import { TaskId, Timestamp } from "./scalars.ts";

/** What people are told about: a task waits for them, a turn came to its end, or it failed. Each can be switched off. */
export const NotificationKind = z.enum(["needs-you", "finished", "failed"]);
export type NotificationKind = z.infer<typeof NotificationKind>;

/** Why a task waits for its user. */
export const NeedReason = z.enum(["question", "approval", "budget"]);
export type NeedReason = z.infer<typeof NeedReason>;

export const DeviceId = z
  .string()
  .regex(/^d_[0-9a-z]{26}$/, "a device's id looks like d_01j9z3k4m5n6p7q8r9s0t1v2w3");
export type DeviceId = z.infer<typeof DeviceId>;

/**
 * What can be done without opening the task. Whoever shows it sends the request, signed in as ever, with an
 * `idempotency-key`; where there is `input`, with the typed text as that field of the body.
 */
export const NotificationAction = z.strictObject({
  /** Unique within the notification. */
  id: z.string().max(20),
  kind: z.enum(["allow", "deny", "reply", "stop"]),
  title: z.string().max(40),
  request: z.strictObject({
    method: z.literal("POST"),
    /** Such as `/api/tasks/t_…/approve`. */
    path: z.string(),
    body: z.record(z.string(), z.string()).nullable(),
  }),
  /** Name of the body's field that the user types; null for none. */
  input: z.string().nullable(),
});
export type NotificationAction = z.infer<typeof NotificationAction>;

/**
 * What a device gets: the payload of a Web Push message, and the `data` of an Expo one, where title and body stand
 * beside it. A device may get the same one twice, and replaces what it shows under the same `tag`.
 */
export const PushNotification = z.strictObject({
  version: z.literal(1),
  /** The same in a repeat. */
  id: z.string(),
  /** `test` is what a user has sent to their own device. */
  kind: z.enum([...NotificationKind.options, "test"]),
  reason: NeedReason.nullable(),
  taskId: TaskId.nullable(),
  title: z.string(),
  body: z.string(),
  /** One notification is shown for each tag: a task has one. */
  tag: z.string(),
  /** Where a tap leads, below the server's address: the card in question. */
  path: z.string(),
  /** The same for the app: `farhand://task/…`. */
  deepLink: z.string(),
  actions: z.array(NotificationAction).max(3),
  at: Timestamp,
});
export type PushNotification = z.infer<typeof PushNotification>;

/** Bytes of a Web Push message's text that every push service takes, and a little less. */
export const PUSH_PAYLOAD_MAX_BYTES = 3800;

export const DeviceChannel = z.enum(["web", "expo", "ntfy"]);
export type DeviceChannel = z.infer<typeof DeviceChannel>;

const outgoingUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .max(2000)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && url.username === "" && url.password === "" && url.hash === "";
  }, "must have no user name, password or #");

/** A public key of P-256, uncompressed: 65 bytes in base64url. */
const p256dh = z.string().regex(/^B[A-Za-z0-9_-]{86}=?$/, "is no public key of a push subscription");
/** 16 bytes in base64url. */
const auth = z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, "is no secret of a push subscription");

/** Where notifications go. No answer ever holds it. */
export const DeviceTarget = z.discriminatedUnion("channel", [
  /** What `PushSubscription.toJSON()` of a browser gives. */
  z.strictObject({
    channel: z.literal("web"),
    subscription: z.strictObject({
      endpoint: outgoingUrl,
      expirationTime: z.number().nullable().optional(),
      keys: z.strictObject({ p256dh, auth }),
    }),
  }),
  z.strictObject({
    channel: z.literal("expo"),
    token: z
      .string()
      .max(200)
      .regex(/^Expo(nent)?PushToken\[[^\]\s]+\]$/, "an Expo push token looks like ExponentPushToken[…]"),
  }),
  z.strictObject({
    channel: z.literal("ntfy"),
    server: outgoingUrl.transform((text) => text.replace(/\/+$/, "")),
    topic: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a topic has up to 64 letters, digits, _ and -"),
    /** An access token of that server, where the topic needs one. */
    accessToken: z
      .string()
      .max(500)
      .regex(/^[\x21-\x7e]+$/, "a token has visible ASCII characters only")
      .nullable(),
  }),
]);
export type DeviceTarget = z.infer<typeof DeviceTarget>;

/** Which kinds a device gets. */
export const DeviceKinds = z.strictObject({
  "needs-you": z.boolean(),
  finished: z.boolean(),
  failed: z.boolean(),
});
export type DeviceKinds = z.infer<typeof DeviceKinds>;

const label = z.string().trim().min(1, "the name is empty").max(100);

/**
 * `POST /api/devices`: adds a device, or says anew where a known one is to be reached; 201 or 200. A device of a browser
 * or an app ends with the sign-in that added it. Its kinds are all on where they are left out and it is new.
 */
export const RegisterDevice = z.strictObject({
  label,
  target: DeviceTarget,
  kinds: DeviceKinds.optional(),
});
export type RegisterDevice = z.infer<typeof RegisterDevice>;

/** `PATCH /api/devices/{id}` */
export const UpdateDevice = z.strictObject({
  label: label.optional(),
  kinds: DeviceKinds.partial().optional(),
});
export type UpdateDevice = z.infer<typeof UpdateDevice>;

/** A device as it can be seen: never its address. */
export const DeviceInfo = z.strictObject({
  id: DeviceId,
  channel: DeviceChannel,
  label: z.string(),
  /** Host of the push service, or of the ntfy server. */
  host: z.string(),
  kinds: DeviceKinds,
  /** It was added by the sign-in that asks. */
  isCurrent: z.boolean(),
  addedAt: Timestamp,
  /** When a notification was last handed over; null where none was. */
  lastSentAt: Timestamp.nullable(),
  /** What went wrong the last time, in a sentence; null when it went well. */
  lastError: z.string().nullable(),
});
export type DeviceInfo = z.infer<typeof DeviceInfo>;

/** `GET /api/devices`, and what is there after one was removed. */
export const DeviceList = z.strictObject({ devices: z.array(DeviceInfo) });
export type DeviceList = z.infer<typeof DeviceList>;

/** `POST /api/devices/{id}/test`: what came of a notification that was sent at once, without a second try. */
export const DeviceTest = z.strictObject({ status: z.enum(["sent", "failed"]), message: z.string() });
export type DeviceTest = z.infer<typeof DeviceTest>;

/** `GET /api/notifications/vapid`: the server's own key, which a browser subscribes with. */
export const VapidKey = z.strictObject({ publicKey: z.string() });
export type VapidKey = z.infer<typeof VapidKey>;
