import type { DeviceTarget, PushNotification } from "@farhand/protocol";
import type { Notifier } from "../domain/notification.ts";
import type { Clock } from "../domain/ports.ts";
import type { Outgoing } from "../domain/vault.ts";
import { outcomeOf, SEND_TIMEOUT_MS, troubleOf } from "./sent.ts";

type NtfyTarget = Extract<DeviceTarget, { channel: "ntfy" }>;

const TAGS: Record<PushNotification["kind"], string> = {
  "needs-you": "raising_hand",
  finished: "white_check_mark",
  failed: "x",
  test: "bell",
};

/**
 * ntfy, as JSON to the server's root (https://docs.ntfy.sh/publish/#publish-as-json). Whoever knows the topic reads it,
 * so no action with a right of its own goes along: a tap opens the task.
 */
export function createNtfy(options: {
  outgoing: Outgoing;
  /** The server's own address, as people use it. */
  url: () => string;
  clock: Clock;
}): Notifier<NtfyTarget> {
  return {
    async send({ userId, target }, notification, signal) {
      const message = {
        topic: target.topic,
        title: notification.title,
        message: notification.body,
        tags: [TAGS[notification.kind]],
        priority: notification.kind === "needs-you" ? 4 : 3,
        click: `${options.url()}${notification.path}`,
        // From ntfy 2.16 on, a newer one takes the place of the one before; older servers do not know it.
        sequence_id: notification.tag,
      };
      try {
        const response = await options.outgoing.fetch(userId, target.server, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(target.accessToken === null ? {} : { authorization: `Bearer ${target.accessToken}` }),
          },
          body: JSON.stringify(message),
          signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
        });
        await response.body?.cancel();
        // A topic is made by its first message: no answer says that it is gone for good.
        return outcomeOf(response, [], options.clock.now());
      } catch (error) {
        return troubleOf(error);
      }
    },
  };
}
