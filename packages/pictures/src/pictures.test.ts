import { expect, test } from "bun:test";
import fc from "fast-check";
import { pictureTypeOf, readPicture } from "./pictures.ts";

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

const PNG = bytes(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);
const GIF = bytes("R0lGODlhAwACAIAAAP///wAAACH5BAAAAAAALAAAAAADAAIAAAIDhG8FADs=");
/** The pictures that browsers are tried for WebP with. Source: Google's webp_js feature test. */
const LOSSY = bytes("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA");
const LOSSLESS = bytes("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");
const ALPHA = bytes(
  "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==",
);

/** A JPEG's segments up to its frame header: EXIF as cameras write it, a table, filling. */
function jpeg(width: number, height: number): Uint8Array {
  const segment = (marker: number, body: number[]) => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, 3];
  return new Uint8Array([
    ...[0xff, 0xd8],
    ...segment(
      0xe1,
      Array.from({ length: 3000 }, (_, index) => index & 255),
    ),
    ...segment(0xc4, [0, 1, 2]),
    0xff,
    ...segment(0xc2, frame),
  ]);
}

test("tells the kind and the size of the four that the model and browsers take", () => {
  expect(readPicture(PNG)).toEqual({ type: "image/png", width: 1, height: 1 });
  expect(readPicture(GIF)).toEqual({ type: "image/gif", width: 3, height: 2 });
  for (const webp of [LOSSY, LOSSLESS, ALPHA])
    expect(readPicture(webp)).toEqual({ type: "image/webp", width: 1, height: 1 });
  expect(readPicture(jpeg(4032, 3024))).toEqual({ type: "image/jpeg", width: 4032, height: 3024 });
});

test("takes nothing else for a picture, whatever it is called", () => {
  const text = (it: string) => new TextEncoder().encode(it);
  for (const other of [
    "",
    "hello",
    "<svg onload=alert(1)>",
    "%PDF-1.7",
    "RIFF1234WAVEfmt ",
    "\x89PNG",
    "BM",
  ]) {
    expect(pictureTypeOf(text(other))).toBeNull();
    expect(readPicture(text(other))).toBeNull();
  }
});

test("looks no further than a broken file goes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(PNG, GIF, LOSSY, LOSSLESS, ALPHA, jpeg(10, 10)),
      fc.nat(3100),
      fc.uint8Array({ maxLength: 64 }),
      (picture, length, rest) => {
        const broken = new Uint8Array([...picture.subarray(0, length), ...rest]);
        const found = readPicture(broken);
        expect(found === null || (found.width > 0 && found.height > 0)).toBe(true);
      },
    ),
  );
});
