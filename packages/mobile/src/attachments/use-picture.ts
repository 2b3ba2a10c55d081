import type { Attachment } from "@farhand/protocol";
import { useCallback } from "react";
import { useServer } from "../data/server.tsx";
import { type Cached, useCached } from "../data/use-cached.ts";
import { base64 } from "../screens/task/files/image-kind.ts";

/** What every platform shows and the server gives as a picture. */
export const isPicture = ({ mediaType }: Attachment): boolean =>
  ["image/png", "image/jpeg", "image/gif", "image/webp"].includes(mediaType);

/** A picture as an address to show: from this device where it still waits here, and else from the server. */
export function usePicture(attachment: Attachment | null): Cached<string> {
  const { client, attachments } = useServer();
  const { id, mediaType } = attachment ?? { id: null, mediaType: "" };
  const load = useCallback(
    async (signal: AbortSignal) => {
      const bytes =
        (await attachments.bytes(id ?? "")) ??
        new Uint8Array(await (await client.attachment(id ?? "", signal)).arrayBuffer());
      return `data:${mediaType};base64,${base64(bytes)}`;
    },
    [client, attachments, id, mediaType],
  );
  return useCached(id === null ? null : `picture/attachment/${id}`, load);
}
