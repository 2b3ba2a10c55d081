import type { DeviceTarget, EventBody, PushNotification } from "@farhand/protocol";
import { PushNotification as Payload } from "@farhand/protocol";
import { startNtfyServer, startWebPushService } from "@farhand/simulators/push";
import { ulid } from "ulid";
import type { Identity } from "../src/domain/identity.ts";
import { createNotifications, type NotificationOptions } from "../src/notify/notifications.ts";
import { createOutgoing } from "../src/vault/outgoing.ts";
import { newTask, OWNER, openStores, taskId } from "./stores.ts";

export const ME: Identity = { userId: OWNER.id, role: "owner", sessionId: null, via: "local" };

/** A task at work, real services to tell people by, and a pump over them that looks often. */
export async function openNotifyWorld(
  options: { path?: string; change?: Partial<NotificationOptions> } = {},
) {
  const stack = new AsyncDisposableStack();
  const stores = stack.use(await openStores(options.path));
  const web = stack.use(await startWebPushService());
  const ntfy = stack.use(await startNtfyServer({ accessToken: "tk_of_the_topic" }));
  const errors: unknown[] = [];
  /** How often the pump has looked whether something is due. */
  let looks = 0;
  const queue: typeof stores.queue = {
    ...stores.queue,
    due(nowMs, limit) {
      looks += 1;
      return stores.queue.due(nowMs, limit);
    },
  };
  const inFlight = () =>
    stores.database
      .selectFrom("deliveries")
      .select("id")
      .where("status", "=", "waiting")
      .where("lease_until_ms", "is not", null)
      .execute();
  const looked = async () => {
    const from = looks;
    // The look after the next began when nothing of before was left to be looked at.
    await until(() => looks >= from + 2);
  };
  /** Everything that was due by now was told, or could not be. Only while the pump runs. */
  const settled = async () => {
    await looked();
    await until(async () => (await inFlight()).length === 0);
  };
  const wiring: NotificationOptions = {
    ...stores,
    queue,
    devices: stores.deviceStore,
    outgoing: createOutgoing({ isOwner: async (userId) => userId === OWNER.id }),
    url: () => "https://farhand.example.com",
    contact: null,
    expoAccessToken: null,
    scrub: (_userId, text) => text.replaceAll("hunter2secret", "[redacted]"),
    random: () => 0.5,
    newId: (prefix) => `${prefix}${ulid().toLowerCase()}`,
    onError: (error) => errors.push(error),
    pollMs: 3,
    receiptAfterMs: 60_000,
    ...options.change,
  };
  /** Another coordinator over the same data. */
  const newNotifications = () => createNotifications(wiring);
  const { devices, pump } = newNotifications();
  stack.use(pump);
  if (!(await stores.tasks.get(taskId(1)))) {
    await stores.tasks.create(newTask(1, { prompt: "Round the prices" }));
    await stores.tasks.claim(taskId(1), { owner: "x", untilMs: 0 });
    await stores.log.append(taskId(1), 1, [{ type: "worker.ready", version: "1", startMs: 1 }]);
  }
  const register = async (target: DeviceTarget, identity = ME) =>
    (await devices.register(identity, { label: "a device", target })).device;
  return {
    ...stores,
    web,
    ntfy,
    errors,
    wiring,
    newNotifications,
    keeper: devices,
    pump,
    register,
    append: (...bodies: EventBody[]) => stores.log.append(taskId(1), 1, bodies),
    async addWeb(identity = ME) {
      const subscription = web.subscribe(await devices.vapidKey());
      const device = await register({ channel: "web", subscription }, identity);
      return { device, subscription };
    },
    addNtfy: (identity = ME) =>
      register(
        { channel: "ntfy", server: ntfy.url, topic: "mine", accessToken: "tk_of_the_topic" },
        identity,
      ),
    /** What browsers were told. */
    told: (): PushNotification[] => web.messages.map(({ text }) => Payload.parse(JSON.parse(text))),
    /** Everything that was due by now is being told. */
    looked,
    settled,
    /** Time goes on by so much, and all that becomes due is told. */
    async pass(ms: number) {
      stores.time.ms += ms;
      await settled();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(3);
}

export const asked = (questionId: string, question = "Half up?"): EventBody => ({
  type: "question.asked",
  questionId,
  question,
  options: ["yes", "no"],
});

export const finished: EventBody[] = [
  { type: "turn.finished", title: "Rounded", summary: "All prices are rounded." },
  { type: "state.changed", from: "running", to: "idle", failure: null },
];
