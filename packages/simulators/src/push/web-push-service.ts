import { createECDH, type ECDH, randomBytes, randomUUID } from "node:crypto";
import { type Failure, Failures } from "./failures.ts";
import { checkVapid, decrypt, Unacceptable, type VapidClaims } from "./web-push-message.ts";

/** The most that a push service has to take, RFC 8030 section 7.2. */
const BODY_MAX_BYTES = 4096;
const URGENCIES = new Set(["very-low", "low", "normal", "high"]);

export interface PushMessage {
  subscription: string;
  /** As the browser decrypts it. */
  text: string;
  ttlSeconds: number;
  urgency: string;
  topic: string | null;
  vapid: VapidClaims;
}

/** What `PushSubscription.toJSON()` gives. */
export interface Subscription {
  endpoint: string;
  expirationTime: null;
  keys: { p256dh: string; auth: string };
}

export interface WebPushService extends AsyncDisposable {
  url: string;
  /** A browser subscribes with the sender's public key. */
  subscribe(applicationServerKey: string): Subscription;
  /** The browser takes its subscription back. */
  unsubscribe(subscription: Subscription, status?: 404 | 410): void;
  /** Every message that was taken, in its order. */
  messages: PushMessage[];
  /** Why messages were refused, other than as `fail` said. */
  refusals: string[];
  fail(failure: Failure): void;
  /** Requests that get no answer, as `fail` said, and are still waited for. */
  held(): number;
}

interface Subscribed {
  id: string;
  applicationServerKey: string;
  keys: ECDH;
  auth: Buffer;
  gone: number | null;
}

/** A push service and its browsers in one: takes what RFC 8030, 8188, 8291 and 8292 allow, and reads it. */
export async function startWebPushService(options: { port?: number } = {}): Promise<WebPushService> {
  const subscriptions = new Map<string, Subscribed>();
  const messages: PushMessage[] = [];
  const refusals: string[] = [];
  const failures = new Failures();

  async function take(request: Request): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const found = subscriptions.get(pathname.replace(/^\/push\//, ""));
    if (!found) return new Response(null, { status: 404 });
    if (request.method !== "POST") throw new Unacceptable(405, "a message is posted");
    const failure = await failures.next(request);
    if (failure) return failure;
    if (found.gone !== null) return new Response(null, { status: found.gone });
    const { applicationServerKey } = found;
    const vapid = await checkVapid(request.headers.get("authorization"), {
      applicationServerKey,
      origin,
      nowMs: Date.now(),
    });
    const ttl = request.headers.get("ttl");
    if (ttl === null || !/^\d+$/.test(ttl)) throw new Unacceptable(400, "there is no TTL");
    const urgency = request.headers.get("urgency") ?? "normal";
    if (!URGENCIES.has(urgency)) throw new Unacceptable(400, `there is no urgency ${urgency}`);
    const topic = request.headers.get("topic");
    if (topic !== null && !/^[A-Za-z0-9_-]{1,32}$/.test(topic))
      throw new Unacceptable(400, "the topic is not one");
    if (request.headers.get("content-encoding") !== "aes128gcm")
      throw new Unacceptable(415, "the content is not aes128gcm");
    const body = new Uint8Array(await request.arrayBuffer());
    if (body.length > BODY_MAX_BYTES) throw new Unacceptable(413, `${body.length} bytes are too many`);
    const text = decrypt(body, found);
    messages.push({ subscription: found.id, text, ttlSeconds: Number(ttl), urgency, topic, vapid });
    return new Response(null, { status: 201, headers: { location: `${origin}/message/${randomUUID()}` } });
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    idleTimeout: 0,
    fetch: (request) =>
      take(request).catch((error) => {
        if (!(error instanceof Unacceptable)) throw error;
        refusals.push(error.message);
        return new Response(`${error.message}\n`, { status: error.status });
      }),
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    messages,
    refusals,
    subscribe(applicationServerKey) {
      const keys = createECDH("prime256v1");
      keys.generateKeys();
      const subscribed = { id: randomUUID(), applicationServerKey, keys, auth: randomBytes(16), gone: null };
      subscriptions.set(subscribed.id, subscribed);
      return {
        endpoint: `${url}/push/${subscribed.id}`,
        expirationTime: null,
        keys: {
          p256dh: keys.getPublicKey("base64url"),
          auth: subscribed.auth.toString("base64url"),
        },
      };
    },
    unsubscribe({ endpoint }, status = 410) {
      const found = subscriptions.get(endpoint.slice(`${url}/push/`.length));
      if (found) found.gone = status;
    },
    fail: (failure) => failures.add(failure),
    held: () => failures.held,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
