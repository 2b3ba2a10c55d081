import type { ReviewComment } from "@farhand/client/app";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { QuotedLines } from "./quoted-lines.tsx";
import { isSendKey } from "./send-key.ts";

export type CommentPlace = Omit<ReviewComment, "id" | "createdAt" | "text">;

/** Writes a comment, or changes one. Every letter is kept at once: closing it, also by accident, loses nothing. */
export function CommentSheet({
  place,
  text,
  onText,
  onClose,
}: {
  /** Null while it is closed. */
  place: CommentPlace | null;
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
}) {
  const isEmpty = text.trim() === "";
  return (
    <Sheet title={strings.changes.comment} isOpen={place !== null} onClose={onClose}>
      {place ? (
        <>
          <Text variant="small" color="soft">
            {strings.changes.commentOn(
              place.path,
              strings.changes.chosen(place.startLine, place.endLine, place.side === "old"),
            )}
          </Text>
          <QuotedLines quote={place.quote} />
          <TextField
            label={strings.changes.commentField}
            hint={strings.changes.commentHint}
            lines={4}
            autoFocus
            value={text}
            onChangeText={onText}
            onKeyPress={(event) => {
              if (isSendKey(event) && !isEmpty) onClose();
            }}
            testID="comment-text"
          />
          <Button
            title={strings.changes.keepComment}
            icon="check"
            isDisabled={isEmpty}
            onPress={onClose}
            testID="keep-comment"
          />
        </>
      ) : null}
    </Sheet>
  );
}
