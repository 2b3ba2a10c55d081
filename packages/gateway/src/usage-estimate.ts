/** Tokens of a call whose answer did not come to its end. Rough, and marked as such wherever they are written down. */

/** Bytes of text to a token: English prose and code have about four in a request. */
const INPUT_BYTES_PER_TOKEN = 4;
/** Less than the four of prose, because the last pieces that the model wrote have not come through. */
const OUTPUT_BYTES_PER_TOKEN = 3;
/** An image costs by its size in pixels; this is what the largest of the usual ones does. */
const IMAGE_TOKENS = 1_600;

export const outputTokensOf = (streamedBytes: number): number =>
  Math.ceil(streamedBytes / OUTPUT_BYTES_PER_TOKEN);

/** What the request puts in. Whether the API had some of it in its cache cannot be known from here. */
export function inputTokensOf(request: unknown): number {
  let images = 0;
  const text = JSON.stringify(request, (_key, value: unknown) => {
    if (!isImage(value)) return value;
    images++;
    return null;
  });
  return Math.ceil(Buffer.byteLength(text) / INPUT_BYTES_PER_TOKEN) + images * IMAGE_TOKENS;
}

/** In base64 an image's bytes say nothing about its tokens. */
function isImage(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("type" in value) || value.type !== "image" || !("source" in value)) return false;
  const { source } = value;
  return typeof source === "object" && source !== null && "type" in source && source.type === "base64";
}
