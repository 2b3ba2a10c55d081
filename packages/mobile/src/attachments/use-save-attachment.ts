import { attachmentPath } from "@farhand/client/app";
import type { Attachment } from "@farhand/protocol";
import { useServer } from "../data/server.tsx";
import { saveFile } from "../platform/save-file";
import { strings } from "../strings/strings.ts";
import { toast } from "../ui/toast.tsx";

/** Saves one from the server, which has it once its message was sent. */
export function useSaveAttachment(): (attachment: Attachment) => void {
  const { client, baseUrl } = useServer();
  return ({ id, name }) =>
    void saveFile({ name, url: `${baseUrl}${attachmentPath(id)}`, read: () => client.attachment(id) }).catch(
      () => toast(strings.attach.notHere),
    );
}
