import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PictureType, readPicture } from "@farhand/pictures";
import { type Attachment, AttachmentBlock, type ContentBlock, type Message } from "@farhand/protocol";
import type { Sleep } from "./backoff.ts";
import { GatewayAway } from "./gateway-client.ts";
import { untilAnswered } from "./until-answered.ts";

/**
 * What the API takes of pictures. Source: https://docs.claude.com/en/docs/build-with-claude/vision. A picture that it
 * refused would be in every later request of the conversation too, so what is above a bound stays a file.
 */
export const PICTURE_LIMITS = {
  /** Of one, in base64. */
  base64Bytes: 5 * 1024 * 1024,
  /** Width and height. */
  pixels: 8_000,
  /** In a request: with more, the API takes none above 2,000 pixels. */
  count: 20,
  /** Of all in a request, which may have 32 MB as a whole. */
  totalBase64Bytes: 20 * 1024 * 1024,
};

export interface AttachmentsOptions {
  /** Where the files are written: beside the clone, so that none of them is committed. */
  directory: string;
  /** The same as the agent names it from the clone's folder, in every sandbox alike. */
  seenAs: string;
  /** Null where the server has it no more. */
  fetch(id: string, signal: AbortSignal): Promise<Uint8Array | null>;
  sleep: Sleep;
  random: () => number;
}

/** What of an attachment follows from its bytes alone. */
type Fetched =
  | { kind: "gone" | "file" }
  | { kind: "picture"; data: string; mediaType: PictureType }
  | { kind: "unfit"; why: string };

/**
 * Puts what people have attached in the place of its marks in the conversation: pictures before the words, and behind
 * them a line for each file with its path. The outcome follows from the conversation and the bytes alone, so that it is
 * the same in every sandbox: signed thoughts and the cache depend on that.
 */
export class Attachments {
  readonly #options: AttachmentsOptions;
  readonly #fetched = new Map<string, Fetched>();

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  /** The whole conversation. @throws the signal's reason when it aborts */
  async place(messages: readonly Message[], signal: AbortSignal): Promise<Message[]> {
    const placed: Message[] = [];
    for (const { role, content } of messages)
      placed.push({
        role,
        content: role === "user" ? await this.placeAfter(placed, content, signal) : content,
      });
    return placed;
  }

  /** Blocks that come behind these messages. */
  async placeAfter(
    before: readonly Message[],
    content: readonly ContentBlock[],
    signal: AbortSignal,
  ): Promise<ContentBlock[]> {
    const room = roomAfter(before);
    const placed: ContentBlock[] = [];
    let lines: string[] = [];
    const endLines = () => {
      if (lines.length > 0) placed.push({ type: "text", text: `Attached:\n${lines.join("\n")}` });
      lines = [];
    };
    let isBehindMark = false;
    for (const block of content) {
      const mark = AttachmentBlock.safeParse(block).data;
      if (mark) {
        const fetched = await this.#fetch(mark, signal);
        const isShown = fetched.kind === "picture" && takes(room, fetched.data.length);
        if (isShown) placed.push(imageBlock(fetched));
        lines.push(this.#line(mark, fetched, isShown));
        isBehindMark = true;
        continue;
      }
      placed.push(block);
      // The words that the marks belong to are the next ones.
      if (isBehindMark) endLines();
      isBehindMark = false;
    }
    endLines();
    return placed;
  }

  #line(attachment: Attachment, fetched: Fetched, isShown: boolean): string {
    const { name, mediaType, sizeBytes } = attachment;
    if (fetched.kind === "gone") return `- ${name} (${mediaType}): the server has it no more`;
    const line = `- ${this.#options.seenAs}/${attachment.id}/${name} (${mediaType}, ${sizeBytes} bytes)`;
    if (isShown) return `${line}, shown above`;
    if (fetched.kind === "unfit") return `${line}, not shown: ${fetched.why}`;
    if (fetched.kind === "picture")
      return `${line}, not shown: the conversation has as many pictures as it can hold`;
    return line;
  }

  async #fetch(attachment: Attachment, signal: AbortSignal): Promise<Fetched> {
    const known = this.#fetched.get(attachment.id);
    if (known) return known;
    const bytes = await this.#bytesOf(attachment, signal);
    if (bytes) await this.#write(attachment, bytes);
    const fetched = bytes ? lookAt(bytes) : { kind: "gone" as const };
    this.#fetched.set(attachment.id, fetched);
    return fetched;
  }

  async #bytesOf({ id, sizeBytes }: Attachment, signal: AbortSignal): Promise<Uint8Array | null> {
    const whole = async () => {
      const bytes = await this.#options.fetch(id, signal);
      if (bytes === null || bytes.byteLength === sizeBytes) return bytes;
      throw new GatewayAway(`the attachment ${id} came with ${bytes.byteLength} of ${sizeBytes} bytes`);
    };
    return await untilAnswered(whole, this.#options, signal);
  }

  /** Read-only: it is what the person has sent. */
  async #write({ id, name }: Attachment, bytes: Uint8Array): Promise<void> {
    const folder = join(this.#options.directory, id);
    const partial = join(this.#options.directory, `${id}.partial`);
    await mkdir(folder, { recursive: true });
    await rm(partial, { force: true });
    await writeFile(partial, bytes, { mode: 0o444 });
    await chmod(partial, 0o444);
    await rename(partial, join(folder, name));
  }
}

function lookAt(bytes: Uint8Array): Fetched {
  const picture = readPicture(bytes);
  if (!picture) return { kind: "file" };
  const { pixels, base64Bytes } = PICTURE_LIMITS;
  const { width, height, type } = picture;
  if (width > pixels || height > pixels)
    return {
      kind: "unfit",
      why: `it is ${width} × ${height} pixels, and the model takes ${pixels} × ${pixels} at most`,
    };
  if (Math.ceil(bytes.byteLength / 3) * 4 > base64Bytes)
    return { kind: "unfit", why: "it is larger than the 5 MB of base64 that the model takes" };
  return { kind: "picture", mediaType: type, data: Buffer.from(bytes).toString("base64") };
}

function imageBlock({ mediaType, data }: Extract<Fetched, { kind: "picture" }>): ContentBlock {
  return { type: "image", source: { type: "base64", media_type: mediaType, data } };
}

interface Room {
  count: number;
  base64Bytes: number;
}

/** What the pictures of these messages have left of a request's room. */
function roomAfter(messages: readonly Message[]): Room {
  const room = { count: PICTURE_LIMITS.count, base64Bytes: PICTURE_LIMITS.totalBase64Bytes };
  for (const { role, content } of messages)
    for (const block of role === "user" ? content : [])
      if (isPicture(block)) takes(room, block.source.data.length);
  return room;
}

/** Takes the room where there is enough of it. */
function takes(room: Room, base64Bytes: number): boolean {
  if (room.count < 1 || room.base64Bytes < base64Bytes) return false;
  room.count -= 1;
  room.base64Bytes -= base64Bytes;
  return true;
}

function isPicture(block: ContentBlock): block is ContentBlock & { source: { data: string } } {
  const { source } = block;
  return (
    block.type === "image" &&
    typeof source === "object" &&
    source !== null &&
    "data" in source &&
    typeof source.data === "string"
  );
}
