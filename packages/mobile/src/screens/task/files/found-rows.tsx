import type { FoundLine } from "@farhand/protocol";
import { StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { Icon } from "../../../icons/icon.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space, TARGET } from "../../../theme/tokens.ts";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";
import { foundPieces } from "./found-text.ts";

/** A file that has the text in it, above its lines. */
export function FoundFileRow({ path, onPress }: { path: string; onPress: () => void }) {
  const styles = useStyles(sheet);
  return (
    <Pressable onPress={onPress} style={[styles.row, styles.file]} activeStyle={styles.active}>
      <Icon name="file" size={18} color="soft" />
      <Text variant="small" isMono numberOfLines={2} style={styles.path}>
        {visible(path)}
      </Text>
    </Pressable>
  );
}

/** A line with its number, in which the places are marked; it leads to the line in the file. */
export function FoundLineRow({
  path,
  found,
  isChosen,
  onPress,
}: {
  path: string;
  found: FoundLine;
  /** It is shown beside the results. */
  isChosen: boolean;
  onPress: () => void;
}) {
  const styles = useStyles(sheet);
  const pieces = foundPieces(found);
  const text = visible(pieces.map((piece) => piece.text).join(""));
  return (
    <Pressable
      label={strings.files.foundLine(visible(path), found.line, text)}
      {...(isChosen ? { "aria-current": "true" as never } : {})}
      onPress={onPress}
      style={[styles.row, isChosen ? styles.chosen : null]}
      activeStyle={styles.active}
    >
      <Text variant="small" isMono color="soft" style={styles.number} aria-hidden>
        {/* The blank parts it from the text where both are read as one. */}
        {`${found.line} `}
      </Text>
      <Text variant="small" isMono numberOfLines={2} style={styles.text} aria-hidden>
        {pieces.map((piece, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no name but their place
          <Text key={place} variant="small" isMono style={piece.isFound ? styles.found : null}>
            {visible(piece.text)}
          </Text>
        ))}
      </Text>
    </Pressable>
  );
}

/** Below the lines of a file that has more of them. */
export function MoreInFile() {
  const styles = useStyles(sheet);
  return (
    <View style={styles.more}>
      <Text variant="small" color="soft">
        {strings.files.moreInFile}
      </Text>
    </View>
  );
}

const NUMBER_WIDTH = 32;

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      minHeight: TARGET,
      paddingHorizontal: space.m,
      paddingVertical: space.xs,
      backgroundColor: colors.surface,
    },
    file: { borderTopWidth: 1, borderTopColor: colors.line },
    active: { backgroundColor: colors.raised },
    chosen: { backgroundColor: colors.raised },
    path: { flex: 1, minWidth: 0, fontWeight: "600", overflowWrap: "anywhere" } as object,
    number: { minWidth: NUMBER_WIDTH, textAlign: "right" },
    text: { flex: 1, minWidth: 0, overflowWrap: "anywhere" } as object,
    found: { backgroundColor: colors.accentSoft, color: colors.text, fontWeight: "700" },
    more: {
      paddingHorizontal: space.m,
      paddingLeft: space.m + NUMBER_WIDTH + space.s,
      paddingBottom: space.s,
      backgroundColor: colors.surface,
    },
  });
