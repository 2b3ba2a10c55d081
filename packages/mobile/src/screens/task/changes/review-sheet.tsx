import type { ReviewComment } from "@farhand/client/app";
import { useState } from "react";
import { troubleOf } from "../../../data/trouble.ts";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { CommentCard } from "./comment-card.tsx";
import { isSendKey } from "./send-key.ts";

/** All comments once more before they go to the agent as one message. */
export function ReviewSheet({
  comments,
  isOutdated,
  note,
  onNote,
  isOpen,
  onEdit,
  onRemove,
  onSend,
  onClose,
}: {
  comments: readonly ReviewComment[];
  isOutdated: (comment: ReviewComment) => boolean;
  note: string;
  onNote: (note: string) => void;
  isOpen: boolean;
  onEdit: (comment: ReviewComment) => void;
  onRemove: (comment: ReviewComment) => void;
  /** @throws where the device cannot keep it; then all is as it was */
  onSend: () => Promise<void>;
  onClose: () => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const canSend = comments.length > 0 && !isBusy;
  const send = () => {
    setBusy(true);
    setFailure(null);
    onSend()
      .catch((error: unknown) => {
        const { title, action } = troubleOf(error);
        setFailure(strings.changes.sendFailed(`${title} ${action}`.trim()));
      })
      .finally(() => setBusy(false));
  };
  return (
    <Sheet title={strings.changes.review} isOpen={isOpen} onClose={onClose}>
      {comments.map((comment) => (
        <CommentCard
          key={comment.id}
          comment={comment}
          isOutdated={isOutdated(comment)}
          showPath
          showQuote
          onEdit={onEdit}
          onRemove={onRemove}
        />
      ))}
      <TextField
        label={strings.changes.reviewNote}
        hint={strings.changes.reviewNoteHint}
        lines={2}
        value={note}
        onChangeText={onNote}
        onKeyPress={(event) => {
          if (isSendKey(event) && canSend) send();
        }}
        testID="review-note"
      />
      {failure === null ? null : (
        <Text role="alert" color="danger">
          {failure}
        </Text>
      )}
      <Button
        title={strings.changes.send}
        icon="send"
        isBusy={isBusy}
        isDisabled={!canSend}
        onPress={send}
        testID="send-review"
      />
    </Sheet>
  );
}
