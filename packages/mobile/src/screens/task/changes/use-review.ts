import type { ReviewComment, TaskDraft } from "@farhand/client/app";
import type { TaskDiff } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { useConnection, useObservable, useServer } from "../../../data/server.tsx";
import { copy } from "../../../platform/clipboard";
import { feel } from "../../../platform/haptics";
import { strings } from "../../../strings/strings.ts";
import { toast } from "../../../ui/toast.tsx";
import type { CommentPlace } from "./comment-sheet.tsx";
import type { DiffFile } from "./diff-file.ts";
import { isOutdated } from "./outdated.ts";
import { firstOf, lastOf, press, quoteOf, type Selection, type Side } from "./selection.ts";

/** Everything that a person does to a diff: choosing lines, comments, viewed marks. All of it is kept on the device. */
export function useReview(
  taskId: string,
  diff: Pick<TaskDiff, "from" | "to"> | null,
  files: readonly DiffFile[],
) {
  const { drafts } = useServer();
  const { status } = useConnection();
  const draft: TaskDraft = useObservable(drafts.task(taskId));
  const [selection, setSelection] = useState<Selection | null>(null);
  const [place, setPlace] = useState<CommentPlace | null>(null);
  /** The comment that is written; null until its first letter. */
  const [writing, setWriting] = useState<string | null>(null);
  const [isReviewing, setReviewing] = useState(false);
  const fileAt = (path: string) => files.find((file) => file.path === path) ?? null;
  const chosenFile = selection ? fileAt(selection.path) : null;
  const text = draft.comments.find(({ id }) => id === writing)?.text ?? "";

  const pressLine = useCallback(
    (path: string, side: Side, line: number) => setSelection((before) => press(before, path, side, line)),
    [],
  );
  const edit = useCallback((comment: ReviewComment) => {
    setReviewing(false);
    setWriting(comment.id);
    setPlace(comment);
  }, []);
  const remove = useCallback(
    (comment: ReviewComment) => drafts.removeComment(taskId, comment.id),
    [drafts, taskId],
  );
  const isViewed = useCallback(
    (file: DiffFile) => draft.viewed[file.path] === file.fingerprint,
    [draft.viewed],
  );
  const setViewed = useCallback(
    (file: DiffFile, value: boolean) => drafts.setViewed(taskId, file.path, value ? file.fingerprint : null),
    [drafts, taskId],
  );

  return {
    comments: draft.comments,
    isOutdated: (comment: ReviewComment) => diff !== null && isOutdated(comment, fileAt(comment.path)),
    selection,
    setSelection,
    chosenFile,
    pressLine,
    place,
    /** Of the comment that is written. */
    text,
    edit,
    remove,
    isViewed,
    setViewed,
    isReviewing,
    setReviewing,
    comment() {
      if (!selection || !chosenFile) return;
      const { path, side } = selection;
      setWriting(null);
      setPlace({
        path,
        side,
        startLine: firstOf(selection),
        endLine: lastOf(selection),
        quote: quoteOf(chosenFile, selection),
        base: diff?.from ?? null,
        head: diff?.to ?? null,
        blob: side === "old" ? chosenFile.oldBlob : chosenFile.newBlob,
      });
    },
    write(next: string) {
      // It may have been sent or removed in another tab meanwhile: then what is typed begins a new one.
      const isKept = draft.comments.some(({ id }) => id === writing);
      if (writing !== null && isKept) drafts.editComment(taskId, writing, next);
      else if (place && next !== "") setWriting(drafts.addComment(taskId, { ...place, text: next }).id);
    },
    closeComment() {
      if (writing !== null && text.trim() === "") drafts.removeComment(taskId, writing);
      if (text.trim() !== "") setSelection(null);
      setPlace(null);
    },
    async copyLines() {
      if (selection && chosenFile && (await copy(quoteOf(chosenFile, selection))))
        toast(strings.common.copied);
    },
    note: draft.reviewNote,
    setNote: (note: string) => drafts.setReviewNote(taskId, note),
    /** @param head the task's newest state. @throws where the device cannot keep the message */
    async send(head: string | null) {
      await drafts.sendReview(taskId, head);
      setReviewing(false);
      feel("sent");
      toast(status === "live" ? strings.changes.sent : strings.changes.sentOffline);
    },
  };
}

export type Review = ReturnType<typeof useReview>;
