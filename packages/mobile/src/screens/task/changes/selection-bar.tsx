import { StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Text } from "../../../ui/text.tsx";
import { firstOf, lastOf, moved } from "./selection.ts";
import type { Review } from "./use-review.ts";

/** What can be done with the chosen lines; without any, with the comments that wait. */
export function SelectionBar({
  review,
  isNarrow,
  onLink,
}: {
  review: Review;
  /** The lines' numbers have a row of their own, as the buttons take all of the width. */
  isNarrow: boolean;
  onLink: () => void;
}) {
  const styles = useStyles(sheet);
  const { selection, chosenFile, comments } = review;
  if (selection && chosenFile) {
    const lines = strings.changes.chosen(firstOf(selection), lastOf(selection), selection.side === "old");
    const chosen = (
      <Text variant="label" role="status" style={isNarrow ? styles.above : styles.text} numberOfLines={2}>
        {lines}
      </Text>
    );
    const bar = (
      <View style={isNarrow ? styles.buttons : styles.bar} role="toolbar" aria-label={lines}>
        <IconButton icon="close" label={strings.changes.clear} onPress={() => review.setSelection(null)} />
        {isNarrow ? <View style={styles.text} /> : chosen}
        <IconButton
          icon="chevron-up"
          label={strings.changes.less}
          onPress={() => review.setSelection(moved(selection, chosenFile, -1))}
        />
        <IconButton
          icon="chevron-down"
          label={strings.changes.further}
          onPress={() => review.setSelection(moved(selection, chosenFile, 1))}
        />
        <IconButton icon="copy" label={strings.changes.copyLines} onPress={() => void review.copyLines()} />
        <IconButton icon="link" label={strings.changes.copyLink} onPress={onLink} />
        <Button title={strings.changes.comment} isCompact onPress={review.comment} testID="comment-lines" />
      </View>
    );
    return isNarrow ? (
      <View style={styles.stack}>
        {chosen}
        {bar}
      </View>
    ) : (
      bar
    );
  }
  if (comments.length === 0) return null;
  return (
    <View style={styles.bar} role="toolbar" aria-label={strings.changes.review}>
      <Text variant="label" style={[styles.text, styles.first]}>
        {strings.changes.comments(comments.length)}
      </Text>
      <Button
        title={strings.changes.review}
        icon="send"
        isCompact
        onPress={() => review.setReviewing(true)}
        testID="finish-review"
      />
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    bar: {
      flexDirection: "row",
      alignItems: "center",
      paddingHorizontal: space.s,
      paddingVertical: space.s,
      backgroundColor: colors.surface,
      borderTopWidth: 1,
      borderTopColor: colors.line,
    },
    stack: {
      paddingHorizontal: space.s,
      paddingBottom: space.s,
      backgroundColor: colors.surface,
      borderTopWidth: 1,
      borderTopColor: colors.line,
    },
    above: { paddingHorizontal: space.s, paddingTop: space.s },
    buttons: { flexDirection: "row", alignItems: "center" },
    text: { flex: 1, minWidth: 0 },
    first: { paddingLeft: space.s },
  });
