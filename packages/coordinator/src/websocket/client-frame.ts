import { ClientFrame, PROTOCOL_VERSION } from "@farhand/protocol";

export type ReadFrame =
  | { status: "ok"; frame: ClientFrame }
  /** A hello of another version, whose other fields need not be ours. */
  | { status: "unsupported" }
  /** `reason` fits into a close frame, which takes 123 bytes. */
  | { status: "bad"; reason: string };

const TYPES: ReadonlySet<unknown> = new Set(ClientFrame.options.map((option) => option.shape.type.value));

/** Reads what a client sent. */
export function readFrame(raw: string | Buffer): ReadFrame {
  if (typeof raw !== "string") return { status: "bad", reason: "a frame is text, not binary" };
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    return { status: "bad", reason: "the frame is not JSON" };
  }
  const parsed = ClientFrame.safeParse(json);
  if (parsed.success) {
    const frame = parsed.data;
    return frame.type === "hello" && frame.protocol !== PROTOCOL_VERSION
      ? { status: "unsupported" }
      : { status: "ok", frame };
  }
  const { type, protocol } = (json ?? {}) as { type?: unknown; protocol?: unknown };
  if (!TYPES.has(type)) return { status: "bad", reason: "the frame has no type that is known here" };
  if (type === "hello" && typeof protocol === "number" && protocol !== PROTOCOL_VERSION)
    return { status: "unsupported" };
  const field = parsed.error.issues[0]?.path[0];
  const what =
    field === undefined ? "has keys that are not known here" : `is wrong in its field ${String(field)}`;
  return { status: "bad", reason: `the frame ${String(type)} ${what}` };
}
