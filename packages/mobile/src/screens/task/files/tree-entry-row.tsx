import type { TreeEntry } from "@farhand/protocol";
import { StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { Icon } from "../../../icons/icon.tsx";
import type { IconName } from "../../../icons/paths.ts";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space, TARGET } from "../../../theme/tokens.ts";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";

const ICONS: Record<TreeEntry["kind"], IconName> = {
  folder: "folder",
  file: "file",
  symlink: "link",
  submodule: "branch",
};

const INDENT = 16;

/** One entry of the tree, or a file that a search over names has found. */
export function TreeEntryRow({
  entry,
  depth,
  isOpen,
  isLoading,
  isChosen,
  showFolder,
  onPress,
}: {
  entry: TreeEntry;
  depth: number;
  isOpen: boolean;
  isLoading: boolean;
  isChosen: boolean;
  /** Where it lies is not seen from what is around it. */
  showFolder: boolean;
  onPress: () => void;
}) {
  const styles = useStyles(sheet);
  const isFolder = entry.kind === "folder";
  const name = visible(showFolder ? entry.path : entry.name);
  const size = entry.sizeBytes === null ? null : strings.files.size(entry.sizeBytes);
  // What a file is called and how large it is can be read; whether a folder is open cannot.
  const label = isFolder ? (isOpen ? strings.files.folderOpen : strings.files.folderClosed)(name) : undefined;
  return (
    <Pressable
      label={label}
      {...(isFolder ? { "aria-expanded": isOpen } : {})}
      {...(isChosen ? { "aria-current": "page" as never } : {})}
      aria-busy={isLoading}
      onPress={onPress}
      style={[styles.row, { paddingLeft: space.m + depth * INDENT }, isChosen ? styles.chosen : null]}
      activeStyle={styles.active}
    >
      {showFolder ? null : (
        <View style={styles.chevron}>
          {isFolder ? <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} color="soft" /> : null}
        </View>
      )}
      <Icon name={ICONS[entry.kind]} size={18} color={isFolder ? "accent" : "soft"} />
      <Text variant="small" isMono numberOfLines={showFolder ? 2 : 1} style={styles.name}>
        {name}
      </Text>
      {size && !showFolder ? (
        <Text variant="small" color="soft">
          {size}
        </Text>
      ) : null}
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      minHeight: TARGET,
      paddingRight: space.l,
      backgroundColor: colors.surface,
    },
    active: { backgroundColor: colors.raised },
    chosen: { backgroundColor: colors.accentSoft },
    chevron: { width: 16 },
    name: { flex: 1, minWidth: 0, fontSize: 14 },
  });
