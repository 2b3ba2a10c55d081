import type { ReviewComment } from "@farhand/client/app";
import { useState } from "react";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { CommentCard } from "./comment-card.tsx";

/** All comments once more before they go to the agent as one message. */
export function ReviewSheet({
  comments,
  isOpen,
  onEdit,
  onRemove,
  onSend,
  onClose,
}: {
  comments: readonly ReviewComment[];
  isOpen: boolean;
  onEdit: (comment: ReviewComment) => void;
  onRemove: (comment: ReviewComment) => void;
  onSend: (note: string) => Promise<void>;
  onClose: () => void;
}) {
  const [note, setNote] = useState("");
  const [isBusy, setBusy] = useState(false);
  const send = () => {
    setBusy(true);
    void onSend(note)
      .then(() => setNote(""))
      .finally(() => setBusy(false));
  };
  return (
    <Sheet title={strings.changes.review} isOpen={isOpen} onClose={onClose}>
      {comments.map((comment) => (
        <CommentCard key={comment.id} comment={comment} showPath onEdit={onEdit} onRemove={onRemove} />
      ))}
      <TextField
        label={strings.changes.reviewNote}
        hint={strings.changes.reviewNoteHint}
        lines={2}
        value={note}
        onChangeText={setNote}
      />
      <Button
        title={strings.changes.send}
        icon="send"
        isBusy={isBusy}
        isDisabled={comments.length === 0}
        onPress={send}
        testID="send-review"
      />
    </Sheet>
  );
}
