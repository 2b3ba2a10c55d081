import type { ReviewComment } from "@farhand/client/app";
import { memo } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../../../icons/icon.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Text } from "../../../ui/text.tsx";
import { QuotedLines } from "./quoted-lines.tsx";

/** A comment that waits to be sent, below the lines that it is about. */
export const CommentCard = memo(function CommentCard({
  comment,
  isOutdated = false,
  showPath = false,
  showQuote = isOutdated,
  onEdit,
  onRemove,
  onHeight,
}: {
  comment: ReviewComment;
  /** Its lines are of another state of the file than what is seen: then it quotes them. */
  isOutdated?: boolean;
  showPath?: boolean;
  showQuote?: boolean;
  onEdit: (comment: ReviewComment) => void;
  onRemove: (comment: ReviewComment) => void;
  onHeight?: (id: string, height: number) => void;
}) {
  const styles = useStyles(sheet);
  const lines = strings.changes.chosen(comment.startLine, comment.endLine, comment.side === "old");
  return (
    <View
      style={styles.place}
      onLayout={({ nativeEvent }) => onHeight?.(comment.id, Math.ceil(nativeEvent.layout.height))}
    >
      <View style={styles.card}>
        <View style={styles.head}>
          <Icon name="comment" size={16} color="accent" />
          <Text variant="small" color="soft" style={styles.where}>
            {showPath
              ? strings.changes.commentOn(comment.path, lines)
              : `${lines} · ${strings.changes.draft}`}
          </Text>
          <IconButton
            icon="edit"
            size={18}
            color="soft"
            label={strings.changes.editComment}
            onPress={() => onEdit(comment)}
          />
          <IconButton
            icon="trash"
            size={18}
            color="soft"
            label={strings.changes.removeComment}
            onPress={() => onRemove(comment)}
          />
        </View>
        {isOutdated ? (
          <Text variant="small" color="warn" style={styles.text}>
            {strings.changes.outdated}
          </Text>
        ) : null}
        {showQuote && comment.quote !== "" ? <QuotedLines quote={comment.quote} /> : null}
        <Text style={styles.text}>{comment.text}</Text>
      </View>
    </View>
  );
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { padding: space.s, backgroundColor: colors.page },
    card: {
      backgroundColor: colors.surface,
      borderWidth: 1,
      borderColor: colors.line,
      borderLeftWidth: 3,
      borderLeftColor: colors.accent,
      borderRadius: radius.m,
      paddingLeft: space.m,
      paddingBottom: space.m,
      gap: space.xs,
      maxWidth: 720,
    },
    head: { flexDirection: "row", alignItems: "center", gap: space.xs },
    where: { flex: 1, minWidth: 0 },
    text: { paddingRight: space.m },
  });
