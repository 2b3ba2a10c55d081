import { createHash } from "node:crypto";
import { readPicture } from "@farhand/pictures";
import { invalid } from "./api-error.ts";
import { blocksOf } from "./conversation.ts";
import type { Block, CountTokensRequest } from "./request-shape.ts";

/** What the API takes of images. Source: https://docs.claude.com/en/docs/build-with-claude/vision */
const IMAGE_MAX_BASE64_BYTES = 5 * 1024 * 1024;
const IMAGES_MAX = 100;
const SIDE_MAX_PIXELS = 8_000;
/** With more images than these, each has to be smaller. */
const MANY_IMAGES = 20;
const MANY_SIDE_MAX_PIXELS = 2_000;

interface Found {
  image: Extract<Block, { type: "image" }>;
  path: string;
}

/** Checks that every image is what is said of it, and within the API's bounds. */
export function checkImages(request: CountTokensRequest): void {
  const images = imagesIn(request);
  if (images.length > IMAGES_MAX)
    throw invalid(`messages: too many images: ${images.length} > ${IMAGES_MAX} maximum`);
  const isMany = images.length > MANY_IMAGES;
  for (const { image, path } of images) {
    const { source } = image;
    if (source.type !== "base64") continue;
    const at = `${path}.image.source.base64`;
    if (source.data.length > IMAGE_MAX_BASE64_BYTES)
      throw invalid(
        `${at}: image exceeds 5 MB maximum: ${source.data.length} bytes > ${IMAGE_MAX_BASE64_BYTES} bytes`,
      );
    const picture = readPicture(Buffer.from(source.data, "base64"));
    if (picture === null) throw invalid(`${at}.data: Could not process image`);
    if (picture.type !== source.media_type)
      throw invalid(
        `${at}: The image was specified using the ${source.media_type} media type, but the image appears to be a ${picture.type} image`,
      );
    const side = isMany ? MANY_SIDE_MAX_PIXELS : SIDE_MAX_PIXELS;
    if (Math.max(picture.width, picture.height) > side)
      throw invalid(
        `${at}.data: At least one of the image dimensions exceed max allowed size${isMany ? " for many-image requests" : ""}: ${side} pixels`,
      );
  }
}

/** For scenarios that say what they saw: `{{images}}` describes the images of people's messages, in their order. */
export function seenIn(request: CountTokensRequest): Record<string, string> {
  const said = imagesIn(request).flatMap(({ image: { source } }) => {
    if (source.type !== "base64") return [];
    const bytes = Buffer.from(source.data, "base64");
    const picture = readPicture(bytes);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return [`${source.media_type} of ${picture?.width}x${picture?.height} (${hash})`];
  });
  return { images: said.length === 0 ? "no image" : said.join(", ") };
}

function imagesIn({ messages }: CountTokensRequest): Found[] {
  return messages.flatMap((message, index) =>
    blocksOf(message).flatMap((block, at): Found[] => {
      const path = `messages.${index}.content.${at}`;
      if (block.type === "image") return [{ image: block, path }];
      if (block.type !== "tool_result" || typeof block.content !== "object") return [];
      return block.content.flatMap((part, inner): Found[] =>
        part.type === "image" ? [{ image: part, path: `${path}.content.${inner}` }] : [],
      );
    }),
  );
}
