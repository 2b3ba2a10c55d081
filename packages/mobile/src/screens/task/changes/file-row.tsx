import { memo } from "react";
import { StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { Icon } from "../../../icons/icon.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";
import type { DiffFile } from "./diff-file.ts";
import { FileStats } from "./file-stats.tsx";

export interface FileRowProps {
  file: DiffFile;
  isOpen: boolean;
  isViewed: boolean;
  height: number;
  onToggle: (file: DiffFile) => void;
  onViewed: (file: DiffFile) => void;
  onOpen: (file: DiffFile) => void;
}

/** Above a file's lines; stays at the top while they scroll. */
export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { file, isOpen, isViewed, height } = props;
  const styles = useStyles(sheet);
  const name = visible(file.path);
  const slash = name.lastIndexOf("/") + 1;
  const folder = name.slice(0, slash);
  return (
    <View style={[styles.row, { height }]}>
      <Pressable aria-expanded={isOpen} onPress={() => props.onToggle(file)} style={styles.name}>
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={18} color="soft" />
        <View style={styles.texts}>
          <Text variant="label" isMono numberOfLines={1} style={styles.path}>
            {name.slice(slash)}
          </Text>
          <View style={styles.facts}>
            <FileStats file={file} />
            <Text variant="small" color="soft" numberOfLines={1} style={styles.folder}>
              {file.oldPath !== null ? strings.changes.from(visible(file.oldPath)) : folder}
            </Text>
          </View>
        </View>
      </Pressable>
      {file.status === "deleted" ? null : (
        <IconButton
          icon="file"
          size={20}
          color="soft"
          label={strings.changes.openFile(name)}
          onPress={() => props.onOpen(file)}
        />
      )}
      <Pressable
        role="checkbox"
        aria-checked={isViewed}
        label={strings.changes.markViewed(name)}
        onPress={() => props.onViewed(file)}
        style={styles.viewed}
      >
        <View style={[styles.box, isViewed ? styles.ticked : null]}>
          {isViewed ? <Icon name="check" size={14} color="onAccent" /> : null}
        </View>
      </Pressable>
    </View>
  );
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      flexDirection: "row",
      alignItems: "center",
      backgroundColor: colors.raised,
      borderTopWidth: 1,
      borderBottomWidth: 1,
      borderColor: colors.line,
    },
    name: {
      flex: 1,
      minWidth: 0,
      alignSelf: "stretch",
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      paddingHorizontal: space.s,
    },
    texts: { flex: 1, minWidth: 0 },
    path: { fontSize: 14, fontWeight: "600" },
    facts: { flexDirection: "row", alignItems: "center", gap: space.s },
    folder: { flex: 1, minWidth: 0 },
    viewed: { alignItems: "center", justifyContent: "center" },
    box: {
      width: 22,
      height: 22,
      borderRadius: radius.s,
      borderWidth: 1.5,
      borderColor: colors.edge,
      backgroundColor: colors.surface,
      alignItems: "center",
      justifyContent: "center",
    },
    ticked: { backgroundColor: colors.accent, borderColor: colors.accent },
  });
