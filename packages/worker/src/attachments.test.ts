import { afterEach, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attachment, Message } from "@farhand/protocol";
import { said, TestGateway } from "../test/gateway.ts";
import { type Step, simulator } from "../test/models.ts";
import { run } from "../test/run-worker.ts";
import { Attachments, PICTURE_LIMITS } from "./attachments.ts";
import { GatewayAway } from "./gateway-client.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  const used = cleanup;
  cleanup = new AsyncDisposableStack();
  await used.disposeAsync();
});

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** One pixel, or so its header says, with as many bytes behind it. */
function png({ width = 1, padding = 0 }: { width?: number; padding?: number } = {}): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.concat([PNG, Buffer.alloc(padding)]);
  bytes.writeUInt32BE(width, 16);
  return new Uint8Array(bytes);
}
const text = (value: string) => new Uint8Array(Buffer.from(value));

const shown = (bytes: Uint8Array) => ({
  type: "image",
  source: { type: "base64", media_type: "image/png", data: Buffer.from(bytes).toString("base64") },
});

async function open(files: [name: string, bytes: Uint8Array | null][]) {
  const directory = await mkdtemp(join(tmpdir(), "fw-attachments-"));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  const known = files.map(([name, bytes]) => {
    const sizeBytes = bytes?.byteLength ?? 1;
    const mediaType = name.endsWith(".png") ? "image/png" : "text/plain";
    return {
      attachment: { id: crypto.randomUUID(), name, mediaType, sizeBytes } satisfies Attachment,
      bytes,
    };
  });
  let failures = 0;
  const make = () =>
    new Attachments({
      directory,
      seenAs: "../attachments",
      fetch: async (id) => {
        if (failures-- > 0) throw new GatewayAway("away");
        return known.find(({ attachment }) => attachment.id === id)?.bytes ?? null;
      },
      sleep: async () => undefined,
      random: () => 0,
    });
  return {
    directory,
    make,
    all: known.map(({ attachment }) => attachment),
    fail: (times: number) => {
      failures = times;
    },
  };
}
const never = new AbortController().signal;

describe("what people attach", () => {
  test("is shown before their words where it is a picture, and named behind them with its path", async () => {
    const world = await open([
      ["shot.png", png()],
      ["notes.txt", text("hello")],
    ]);
    const [shot, notes] = world.all as [Attachment, Attachment];
    const placed = await world.make().place([{ role: "user", content: said("Look.", world.all) }], never);
    expect(placed).toEqual([
      {
        role: "user",
        content: [
          shown(png()),
          { type: "text", text: "Look." },
          {
            type: "text",
            text: `Attached:\n- ../attachments/${shot.id}/shot.png (image/png, ${PNG.length} bytes), shown above\n- ../attachments/${notes.id}/notes.txt (text/plain, 5 bytes)`,
          },
        ],
      },
    ]);
    const file = join(world.directory, notes.id, "notes.txt");
    expect(await readFile(file, "utf8")).toBe("hello");
    expect((await stat(file)).mode & 0o777).toBe(0o444);
  });

  test("becomes the same conversation whether it came bit by bit or is rebuilt at once, in any sandbox", async () => {
    const world = await open([
      ["a.png", png()],
      ["b.png", png({ padding: 10 })],
    ]);
    const [a, b] = world.all as [Attachment, Attachment];
    const answer: Message = { role: "assistant", content: [{ type: "text", text: "I see." }] };
    const first: Message = { role: "user", content: said("One", [a]) };
    const result = { type: "tool_result", tool_use_id: "t", content: "x" };
    const rebuilt = await world
      .make()
      .place(
        [first, answer, { role: "user", content: [result, ...said("Two", [b]), ...said("Three", [a])] }],
        never,
      );

    const live = world.make();
    const messages = [
      ...(await live.place([first], never)),
      answer,
      { role: "user" as const, content: [result] },
    ];
    const last = messages[2] as Message;
    last.content.push(...(await live.placeAfter(messages, said("Two", [b]), never)));
    last.content.push(...(await live.placeAfter(messages, said("Three", [a]), never)));
    expect(JSON.stringify(messages)).toBe(JSON.stringify(rebuilt));
  });

  test("stays a file where the model would refuse it, and the agent is told why", async () => {
    const big = png({ padding: PICTURE_LIMITS.base64Bytes });
    const world = await open([
      ["wide.png", png({ width: 8001 })],
      ["big.png", big],
      ["not-one.png", text("no picture")],
      ["gone.png", null],
    ]);
    const [message] = await world.make().place([{ role: "user", content: said("Look.", world.all) }], never);
    const lines = String(message?.content[1]?.text).split("\n");
    expect(message?.content.map(({ type }) => type)).toEqual(["text", "text"]);
    expect(lines[1]).toEndWith("not shown: it is 8001 × 1 pixels, and the model takes 8000 × 8000 at most");
    expect(lines[2]).toEndWith("not shown: it is larger than the 5 MB of base64 that the model takes");
    expect(lines[3]).toEndWith("(image/png, 10 bytes)");
    expect(lines[4]).toEndWith("the server has it no more");
  });

  test("is shown as far as a conversation has room for pictures, the first ones first", async () => {
    const many = await open(
      Array.from({ length: 22 }, (_, index) => [`${index}.png`, png()] as const).map((it) => [...it]),
    );
    const content = many.all.flatMap((attachment) => said("Look.", [attachment]));
    const [message] = await many.make().place([{ role: "user", content }], never);
    expect(message?.content.filter(({ type }) => type === "image")).toHaveLength(PICTURE_LIMITS.count);
    expect(message?.content.at(-1)?.text).toContain("as many pictures as it can hold");

    const large = png({ padding: 3_500_000 });
    const heavy = await open(Array.from({ length: 6 }, (_, index) => [`${index}.png`, large]));
    const [other] = await heavy.make().place([{ role: "user", content: said("Look.", heavy.all) }], never);
    const images = other?.content.filter(({ type }) => type === "image") ?? [];
    expect(JSON.stringify(images).length).toBeLessThan(PICTURE_LIMITS.totalBase64Bytes + 2000);
    expect(images).toHaveLength(4);
  });

  test("is waited for while the gateway is away, unless the turn is stopped", async () => {
    const world = await open([["shot.png", png()]]);
    world.fail(3);
    const [message] = await world.make().place([{ role: "user", content: said("Look.", world.all) }], never);
    expect(message?.content[0]?.type).toBe("image");
  });
});

describe("a worker", () => {
  const start = async (...steps: Step[]) => {
    const model = cleanup.use(await simulator.start(steps));
    return cleanup.use(await TestGateway.start(model.url));
  };
  const bash = (command: string) => ({ name: "bash", input: { command } });
  const finish = { name: "finish", input: { title: "Looked", summary: "I looked." } };
  const requests = (gateway: TestGateway) => gateway.modelRequests as { messages: Message[] }[];

  test("shows the model what belongs to a prompt and to what is said meanwhile, and commits none of it", async () => {
    const gateway = await start(
      { toolUses: [bash("cat ../attachments/*/notes.txt"), bash("echo over >> ../attachments/*/notes.txt")] },
      { toolUses: [{ name: "read", input: { file_path: "" } }] },
      { toolUses: [finish] },
      { text: "Done." },
    );
    const notes = gateway.attach("notes.txt", "text/plain", text("attached words"));
    const shot = gateway.attach("shot.png", "image/png", png());
    const later = gateway.attach("later.png", "image/png", png({ padding: 1 }));
    gateway.assign({ messages: [{ role: "user", content: said("Look.", [notes, shot]) }] });
    gateway.onEvent = (event) => {
      if (event.type === "tool.finished" && event.name === "read") gateway.write("And this.", [later]);
    };
    await run(gateway);
    expect(gateway.violations).toEqual([]);
    expect(requests(gateway)[0]?.messages[0]?.content.slice(0, 2)).toEqual([
      shown(png()),
      { type: "text", text: "Look." },
    ]);
    const told = gateway.events("tool.finished").map(({ content }) => JSON.stringify(content));
    expect(told[0]).toContain("attached words");
    expect(requests(gateway).at(-1)?.messages.at(-1)?.content).toContainEqual(shown(png({ padding: 1 })));
    expect(gateway.events("branch.pushed")).toEqual([
      { type: "branch.pushed", branch: "farhand/mend", commit: null },
    ]);
    await chmod(join(gateway.workspace, "attachments", notes.id, "notes.txt"), 0o644);
  });

  test("rebuilds the very bytes of the conversation in the next turn", async () => {
    const gateway = await start({ toolUses: [finish] }, { text: "Done." }, { text: "Still there." });
    const shot = gateway.attach("shot.png", "image/png", png());
    gateway.assign({ messages: [{ role: "user", content: said("Look.", [shot]) }] });
    gateway.onEvent = (event) => {
      if (event.type === "turn.finished" && gateway.assignments.length < 2) gateway.nextTurn("And now?");
    };
    await run(gateway);
    const [first, second] = requests(gateway).map(({ messages }) => JSON.stringify(messages[0]));
    expect(second).toBe(first as string);
    expect(first).toContain("shown above");
  });
});
