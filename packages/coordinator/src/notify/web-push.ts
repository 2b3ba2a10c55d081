import { type DeviceTarget, PUSH_PAYLOAD_MAX_BYTES } from "@farhand/protocol";
import webPush from "web-push";
import type { Notifier } from "../domain/notification.ts";
import { fitted } from "../domain/notification-text.ts";
import type { Clock } from "../domain/ports.ts";
import type { Outgoing } from "../domain/vault.ts";
import { outcomeOf, SEND_TIMEOUT_MS, troubleOf } from "./sent.ts";
import type { Vapid } from "./vapid.ts";

type WebTarget = Extract<DeviceTarget, { channel: "web" }>;

/** How long a push service keeps what a device does not fetch. */
const TTL_SECONDS = 12 * 60 * 60;
/** RFC 8030, 7.3 and RFC 8292: the subscription is no more. */
const GONE = [404, 410];

/**
 * Web Push (RFC 8030, 8188, 8291, 8292). The library encrypts and signs; the request is made here, where addresses that
 * users have named are looked at first.
 */
export function createWebPush(options: {
  vapid: Vapid;
  /** Whom a push service may write to: `mailto:…` or `https://…`. */
  contact: () => string;
  outgoing: Outgoing;
  clock: Clock;
}): Notifier<WebTarget> {
  return {
    async send({ userId, target }, notification, signal) {
      const keys = await options.vapid.keys();
      const { endpoint, keys: subscriptionKeys } = target.subscription;
      const payload = fitted(notification, PUSH_PAYLOAD_MAX_BYTES, (it) => it);
      let details: webPush.RequestDetails;
      try {
        details = webPush.generateRequestDetails(
          { endpoint, keys: subscriptionKeys },
          JSON.stringify(payload),
          {
            vapidDetails: { subject: options.contact(), ...keys },
            TTL: TTL_SECONDS,
            urgency: notification.kind === "finished" ? "normal" : "high",
            // A newer one takes the place of one that was not fetched yet.
            topic: notification.tag,
            contentEncoding: "aes128gcm",
          },
        );
      } catch {
        // Its public key is 65 bytes that are no point of the curve.
        return { status: "gone", why: "The subscription's keys are not valid." };
      }
      const { "Content-Length": _, ...headers } = details.headers;
      try {
        const response = await options.outgoing.fetch(userId, endpoint, {
          method: "POST",
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
          body: new Uint8Array(details.body ?? []),
          signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
        });
        await response.body?.cancel();
        return outcomeOf(response, GONE, options.clock.now());
      } catch (error) {
        return troubleOf(error);
      }
    },
  };
}
