import { AttachmentError, type ChosenFile } from "@farhand/client/app";
import type { Attachment } from "@farhand/protocol";
import { useRef } from "react";
import { useServer } from "../data/server.tsx";
import { strings } from "../strings/strings.ts";
import { toast } from "../ui/toast.tsx";

export interface Attaching {
  list: readonly Attachment[];
  /** Keeps files on the device and names them in the draft. The person is told where that does not work. */
  add: (files: Promise<ChosenFile[]>) => void;
  remove: (attachment: Attachment) => void;
}

/** The photos and files of a draft. */
export function useAttachments(
  list: readonly Attachment[],
  onChange: (attachments: readonly Attachment[]) => void,
): Attaching {
  const { attachments } = useServer();
  // Reading takes time: what is there then is what it is added to.
  const latest = useRef({ list, onChange });
  latest.current = { list, onChange };
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const keep = async (files: Promise<ChosenFile[]>) => {
    try {
      const chosen = await files;
      if (chosen.length === 0) return;
      const kept = await attachments.keep(chosen, latest.current.list.length);
      latest.current.onChange([...latest.current.list, ...kept]);
      toast(strings.attach.added(kept.length));
    } catch (error) {
      toast(error instanceof AttachmentError ? error.message : strings.attach.failed);
    }
  };
  return {
    list,
    add: (files) => {
      last.current = last.current.then(() => keep(files));
    },
    remove: (attachment) => {
      onChange(list.filter(({ id }) => id !== attachment.id));
      void attachments.drop([attachment.id]).catch(() => toast(strings.attach.failed));
    },
  };
}
