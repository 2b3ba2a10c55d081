/**
 * What a picture file says of itself: the worker shows those to the model that it takes, the coordinator gives only
 * those to a browser as pictures, and the Claude simulator refuses what the API refuses.
 */

/** The four kinds that the Messages API takes and every browser shows. None of them runs a script. */
export type PictureType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

export interface Picture {
  type: PictureType;
  width: number;
  height: number;
}

/** As much of a file as `pictureTypeOf` looks at, in bytes. */
export const PICTURE_HEAD_BYTES = 16;

/** What the bytes begin with; null for everything but the four. What a file is called does not count. */
export function pictureTypeOf(head: Uint8Array): PictureType | null {
  const text = String.fromCharCode(...head.subarray(0, PICTURE_HEAD_BYTES));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(text)) return "image/gif";
  if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) return "image/webp";
  return null;
}

/** Kind and size in pixels; null for what is none of the four, and for one that is too broken to say. */
export function readPicture(bytes: Uint8Array): Picture | null {
  const type = pictureTypeOf(bytes);
  if (type === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = sizes[type](view);
    return size && size.width > 0 && size.height > 0 ? { type, ...size } : null;
  } catch (error) {
    // It ends before it has said its size.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Size {
  width: number;
  height: number;
}

const sizes: Record<PictureType, (view: DataView) => Size | null> = {
  "image/png": (view) =>
    tag(view, 12) === "IHDR" ? { width: view.getUint32(16), height: view.getUint32(20) } : null,
  "image/gif": (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  "image/webp": webpSize,
  "image/jpeg": jpegSize,
};

/** The four letters that name a part. */
const tag = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));

/** Source: RFC 9649. */
function webpSize(view: DataView): Size | null {
  switch (tag(view, 12)) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return {
        width: 1 + view.getUint16(24, true) + (view.getUint8(26) << 16),
        height: 1 + view.getUint16(27, true) + (view.getUint8(29) << 16),
      };
    default:
      return null;
  }
}

/** The first frame header among a JPEG's segments has the size. */
function jpegSize(view: DataView): Size | null {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // Filling, and markers that stand alone.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    else at += 2 + view.getUint16(at + 2);
  }
}
