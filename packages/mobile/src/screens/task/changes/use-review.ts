import type { ReviewComment, TaskDraft } from "@farhand/client/app";
import { useCallback, useState } from "react";
import { useConnection, useObservable, useServer } from "../../../data/server.tsx";
import { copy } from "../../../platform/clipboard";
import { feel } from "../../../platform/haptics";
import { strings } from "../../../strings/strings.ts";
import { toast } from "../../../ui/toast.tsx";
import type { CommentPlace } from "./comment-sheet.tsx";
import type { DiffFile } from "./diff-file.ts";
import { firstOf, lastOf, press, quoteOf, type Selection, type Side } from "./selection.ts";

/** Everything that a person does to a diff: choosing lines, comments, viewed marks. All of it is kept on the device. */
export function useReview(taskId: string, files: readonly DiffFile[]) {
  const { drafts } = useServer();
  const { status } = useConnection();
  const draft: TaskDraft = useObservable(drafts.task(taskId));
  const [selection, setSelection] = useState<Selection | null>(null);
  const [place, setPlace] = useState<CommentPlace | null>(null);
  const [editing, setEditing] = useState<ReviewComment | null>(null);
  const [isReviewing, setReviewing] = useState(false);
  const chosenFile = selection ? (files.find(({ path }) => path === selection.path) ?? null) : null;

  const pressLine = useCallback(
    (path: string, side: Side, line: number) => setSelection((before) => press(before, path, side, line)),
    [],
  );
  const edit = useCallback((comment: ReviewComment) => {
    setReviewing(false);
    setEditing(comment);
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

  return {
    comments: draft.comments,
    selection,
    setSelection,
    chosenFile,
    pressLine,
    place,
    editing,
    edit,
    remove,
    isViewed,
    setViewed: (file: DiffFile, value: boolean) =>
      drafts.setViewed(taskId, file.path, value ? file.fingerprint : null),
    isReviewing,
    setReviewing,
    comment() {
      if (!selection || !chosenFile) return;
      setEditing(null);
      setPlace({
        path: selection.path,
        side: selection.side,
        startLine: firstOf(selection),
        endLine: lastOf(selection),
        quote: quoteOf(chosenFile, selection),
      });
    },
    closeComment: () => setPlace(null),
    keepComment(text: string) {
      if (editing) drafts.editComment(taskId, editing.id, text);
      else if (place) drafts.addComment(taskId, { ...place, text });
      setPlace(null);
      setSelection(null);
    },
    async copyLines() {
      if (selection && chosenFile && (await copy(quoteOf(chosenFile, selection))))
        toast(strings.common.copied);
    },
    async send(note: string) {
      await drafts.sendReview(taskId, note);
      setReviewing(false);
      feel("sent");
      toast(status === "live" ? strings.changes.sent : strings.changes.sentOffline);
    },
  };
}

export type Review = ReturnType<typeof useReview>;
