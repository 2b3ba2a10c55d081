import type { DeviceTarget, PushNotification } from "@farhand/protocol";
import type { ExpoPushErrorReceipt, ExpoPushMessage } from "expo-server-sdk";
import type { Notifier, ReceiptAnswer, Sent } from "../domain/notification.ts";
import { fitted } from "../domain/notification-text.ts";
import { SEND_TIMEOUT_MS } from "./sent.ts";

type ExpoTarget = Extract<DeviceTarget, { channel: "expo" }>;

/** Apple and Google take 4096 bytes, with fields of their own around ours. */
const MESSAGE_MAX_BYTES = 3600;
const TTL_SECONDS = 12 * 60 * 60;
/** The app's groups of buttons, by what a notification asks; the app defines them under these names. */
const categoryOf = ({ kind, reason }: PushNotification) =>
  kind === "needs-you" ? (reason ?? undefined) : undefined;

/**
 * Expo's push service, which passes on to Apple and Google. They read what is sent. The address can be changed by
 * `EXPO_BASE_URL`, which the library reads when it is loaded.
 */
export function createExpo(options: {
  accessToken: string | null;
  retryMinTimeoutMs?: number;
}): Required<Notifier<ExpoTarget>> {
  const load = async () => {
    const { Expo } = await import("expo-server-sdk");
    return new Expo({
      ...(options.accessToken === null ? {} : { accessToken: options.accessToken }),
      ...(options.retryMinTimeoutMs === undefined ? {} : { retryMinTimeout: options.retryMinTimeoutMs }),
    });
  };
  let client: ReturnType<typeof load> | null = null;
  const expo = () => {
    client ??= load();
    return client;
  };

  return {
    async send({ target }, notification, signal) {
      const message = fitted(notification, MESSAGE_MAX_BYTES, (it) => messageOf(target.token, it));
      try {
        const [ticket] = await inTime((await expo()).sendPushNotificationsAsync([message]), signal);
        if (ticket?.status === "ok") return { status: "sent", receiptId: ticket.id };
        return ticket ? troubleOfTicket(ticket) : NO_ANSWER;
      } catch (error) {
        return troubleOfCall(error);
      }
    },

    async receipts(ids, signal) {
      const found = await inTime((await expo()).getPushNotificationReceiptsAsync(ids), signal);
      return new Map(
        ids.map((id): [string, ReceiptAnswer] => {
          const receipt = found[id];
          if (!receipt) return [id, { status: "unknown" }];
          if (receipt.status === "ok") return [id, { status: "ok" }];
          const why = whyOf(receipt);
          return [id, isGone(receipt) ? { status: "gone", why } : { status: "failed", why }];
        }),
      );
    },
  };
}

function messageOf(to: string, notification: PushNotification): ExpoPushMessage {
  const { title, body, tag, kind } = notification;
  const categoryId = categoryOf(notification);
  return {
    to,
    title,
    body,
    data: { ...notification },
    sound: kind === "finished" ? null : "default",
    priority: kind === "finished" ? "normal" : "high",
    ttl: TTL_SECONDS,
    channelId: kind,
    ...(categoryId === undefined ? {} : { categoryId }),
    // A newer one takes the place of the one before: on iOS by the one, on Android by the other.
    collapseId: tag,
    tag,
    threadId: tag,
  };
}

const NO_ANSWER: Sent = { status: "retry", afterMs: null, why: "Expo's push service does not answer." };

const isGone = ({ details }: ExpoPushErrorReceipt) => details?.error === "DeviceNotRegistered";

/** Its message names the token, which is the device's address. */
function whyOf({ details }: ExpoPushErrorReceipt): string {
  return `Expo could not deliver it (${details?.error ?? "no reason is given"}).`;
}

function troubleOfTicket(ticket: ExpoPushErrorReceipt): Sent {
  const why = whyOf(ticket);
  if (isGone(ticket)) return { status: "gone", why };
  const passing = ["MessageRateExceeded", "ExpoError", "ProviderError"];
  if (passing.includes(ticket.details?.error ?? "")) return { status: "retry", afterMs: null, why };
  return { status: "refused", why };
}

/** A whole request that failed: the library gives the status where there was an answer. */
function troubleOfCall(error: unknown): Sent {
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode !== "number" || statusCode === 429 || statusCode >= 500) return NO_ANSWER;
  const reason = typeof code === "string" ? code : String(statusCode);
  return { status: "refused", why: `Expo's push service refuses it (${reason}).` };
}

/** The library knows no time limit and no signal. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(ended.reason);
  if (ended.aborted) onAbort();
  ended.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    ended.removeEventListener("abort", onAbort);
    // Whatever comes of it later is nobody's any more.
    work.catch(() => undefined);
  }
}
