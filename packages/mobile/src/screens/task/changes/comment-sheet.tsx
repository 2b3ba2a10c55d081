import type { ReviewComment } from "@farhand/client/app";
import { useEffect, useState } from "react";
import { StyleSheet, View } from "react-native";
import { CodeText } from "../../../code/code-text.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";

export type CommentPlace = Omit<ReviewComment, "id" | "createdAt" | "text">;

/** Lines of the quote that are shown above the field. */
const QUOTED = 6;
const COLUMNS = 42;

/** Writes a comment, or changes one. */
export function CommentSheet({
  place,
  text: given,
  onKeep,
  onClose,
}: {
  /** Null while it is closed. */
  place: CommentPlace | null;
  text: string;
  onKeep: (text: string) => void;
  onClose: () => void;
}) {
  const styles = useStyles(sheet);
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
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
          <View style={styles.quote}>
            {place.quote
              .split("\n")
              .slice(-QUOTED)
              .map((line, index) => (
                <CodeText
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place
                  key={index}
                  tokens={[{ text: line, kind: null }]}
                  columns={COLUMNS}
                  lineHeight={20}
                  showWhitespace={false}
                />
              ))}
          </View>
          <TextField
            label={strings.changes.commentField}
            hint={strings.changes.commentHint}
            lines={4}
            autoFocus
            value={text}
            onChangeText={setText}
            testID="comment-text"
          />
          <Button
            title={strings.changes.keepComment}
            icon="check"
            isDisabled={isEmpty}
            onPress={() => onKeep(text.trim())}
          />
        </>
      ) : null}
    </Sheet>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    quote: {
      backgroundColor: colors.sunken,
      borderRadius: radius.m,
      padding: space.m,
      overflow: "hidden",
    },
  });
