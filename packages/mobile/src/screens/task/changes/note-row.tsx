import { StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { Text } from "../../../ui/text.tsx";
import type { DiffFile } from "./diff-file.ts";
import type { Note } from "./rows.ts";

/** In place of lines, or of some of them. */
export function NoteRow({
  file,
  note,
  height,
  isLoading,
  onLoad,
}: {
  file: DiffFile;
  note: Note;
  height: number;
  isLoading: boolean;
  onLoad: (path: string) => void;
}) {
  const styles = useStyles(sheet);
  const text =
    note === "mode"
      ? strings.changes.note.mode(file.oldMode ?? "", file.newMode ?? "")
      : strings.changes.note[note];
  return (
    <View style={[styles.row, { height }]}>
      <Text variant="small" color="soft" style={styles.text} numberOfLines={2}>
        {text}
      </Text>
      {note === "partial" ? (
        <Button
          title={strings.changes.loadFile}
          kind="quiet"
          isCompact
          isBusy={isLoading}
          onPress={() => onLoad(file.path)}
        />
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      paddingHorizontal: space.l,
      backgroundColor: colors.surface,
    },
    text: { flex: 1, minWidth: 0 },
  });
