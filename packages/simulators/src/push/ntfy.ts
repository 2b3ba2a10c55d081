import { z } from "zod";
import { type Failure, Failures } from "./failures.ts";

const MESSAGE_MAX_BYTES = 4096;

/** Source: https://docs.ntfy.sh/publish/#publish-as-json */
const Publish = z.strictObject({
  topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/),
  message: z.string().optional(),
  title: z.string().optional(),
  tags: z.array(z.string()).optional(),
  priority: z.int().min(1).max(5).optional(),
  click: z.url().optional(),
  markdown: z.boolean().optional(),
  sequence_id: z
    .string()
    .regex(/^[-_A-Za-z0-9]{1,64}$/)
    .optional(),
});
export type NtfyMessage = z.infer<typeof Publish>;

export interface NtfyServer extends AsyncDisposable {
  url: string;
  messages: NtfyMessage[];
  refusals: string[];
  fail(failure: Failure): void;
}

/** An ntfy server, as far as publishing goes. */
export async function startNtfyServer(options: { accessToken?: string } = {}): Promise<NtfyServer> {
  const messages: NtfyMessage[] = [];
  const refusals: string[] = [];
  const failures = new Failures();
  const refuse = (status: number, error: string) => {
    refusals.push(error);
    return Response.json({ code: status * 100 + 1, http: status, error }, { status });
  };

  async function answer(request: Request): Promise<Response> {
    const failure = await failures.next(request);
    if (failure) return failure;
    if (request.method !== "POST" || new URL(request.url).pathname !== "/")
      return refuse(404, "page not found");
    const { accessToken } = options;
    if (accessToken !== undefined && request.headers.get("authorization") !== `Bearer ${accessToken}`)
      return refuse(403, "forbidden");
    const parsed = Publish.safeParse(await request.json());
    if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
    if (Buffer.byteLength(parsed.data.message ?? "") > MESSAGE_MAX_BYTES)
      return refuse(413, "the message is too large");
    messages.push(parsed.data);
    const { topic, message } = parsed.data;
    return Response.json({ id: crypto.randomUUID().slice(0, 12), event: "message", topic, message });
  }

  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: answer });
  return {
    url: `http://127.0.0.1:${server.port}`,
    messages,
    refusals,
    fail: (failure) => failures.add(failure),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
