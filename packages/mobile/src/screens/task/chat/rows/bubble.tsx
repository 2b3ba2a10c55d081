import { readReview } from "@farhand/client/app";
import type { Attachment } from "@farhand/protocol";
import { type ReactNode, useMemo } from "react";
import { StyleSheet, View } from "react-native";
import { AttachmentList } from "../../../../attachments/attachment-list.tsx";
import { strings } from "../../../../strings/strings.ts";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { ReviewText } from "./review-text.tsx";

/** A person's message, at the right, with a button for all that can be done with it. */
export function Bubble({
  author,
  text,
  attachments = [],
  onMenu,
  isWaiting = false,
  children,
}: {
  author: string;
  text: string;
  attachments?: readonly Attachment[];
  onMenu?: () => void;
  isWaiting?: boolean;
  children?: ReactNode;
}) {
  const styles = useStyles(sheet);
  const review = useMemo(() => readReview(text), [text]);
  return (
    <View style={styles.line}>
      <View style={[styles.bubble, isWaiting ? styles.waiting : null]}>
        <View style={styles.head}>
          <Text variant="tiny" color={isWaiting ? "soft" : "accent"} style={styles.author}>
            {author}
          </Text>
          {onMenu ? (
            <View style={styles.menu}>
              <IconButton icon="more" size={18} color="soft" label={strings.chat.actions} onPress={onMenu} />
            </View>
          ) : null}
        </View>
        {review ? (
          <ReviewText review={review} />
        ) : (
          <Text selectable style={styles.text}>
            {text}
          </Text>
        )}
        {attachments.length > 0 ? (
          <View style={styles.attached}>
            <AttachmentList list={attachments} />
          </View>
        ) : null}
        {children}
      </View>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    line: { alignItems: "flex-end", paddingLeft: space.xl },
    bubble: {
      maxWidth: "100%",
      minWidth: 120,
      backgroundColor: colors.accentSoft,
      borderRadius: radius.l,
      borderBottomRightRadius: radius.s,
      paddingHorizontal: space.m,
      paddingTop: space.xs,
      paddingBottom: space.m,
    },
    waiting: {
      backgroundColor: colors.surface,
      borderWidth: 1,
      borderStyle: "dashed",
      borderColor: colors.edge,
    },
    head: { flexDirection: "row", alignItems: "center", minHeight: 28 },
    author: { flex: 1 },
    attached: { marginTop: space.s },
    // The button keeps its 44 points and takes no more height than the line.
    menu: { marginVertical: -10, marginRight: -10 },
    text: { overflowWrap: "anywhere" } as object,
  });
