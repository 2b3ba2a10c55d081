import type { FileNode, TreeEntry } from "@farhand/protocol";
import { useState } from "react";
import { FlatList, StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { Icon } from "../../../icons/icon.tsx";
import type { IconName } from "../../../icons/paths.ts";
import { strings } from "../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, space, TARGET } from "../../../theme/tokens.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorState } from "../../../ui/error-state.tsx";
import { Pressable } from "../../../ui/pressable.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { matching } from "./search-names.ts";
import { treeRows } from "./tree.ts";
import { useNameSearch } from "./use-name-search.ts";
import type { Tree } from "./use-tree.ts";

const ICONS: Record<TreeEntry["kind"], IconName> = {
  folder: "folder",
  file: "file",
  symlink: "link",
  submodule: "branch",
};

const INDENT = 16;

/** All files of the task as a tree, and a search over their names. */
export function TreePane({
  tree,
  read,
  chosen,
  onChoose,
}: {
  tree: Tree;
  read: (path: string, signal?: AbortSignal) => Promise<FileNode>;
  /** The file that is shown beside the tree. */
  chosen: string | null;
  onChoose: (path: string) => void;
}) {
  const theme = useTheme();
  const styles = useStyles(sheet);
  const [wanted, setWanted] = useState("");
  const isSearching = wanted.trim() !== "";
  const { index, trouble } = useNameSearch(read, isSearching);
  const found = isSearching ? matching(index.files, wanted) : [];
  const rows = isSearching
    ? found.map((entry) => ({ entry, depth: 0, isOpen: false, isLoading: false }))
    : treeRows(tree.folders, tree.open);
  const isKnown = tree.folders.has("");
  const status = !isSearching
    ? null
    : trouble
      ? trouble.title
      : !index.isDone
        ? strings.files.searching(index.foldersRead)
        : [
            found.length === 0 ? strings.files.nothingFound : strings.files.found(found.length),
            ...(index.isPartial ? [strings.files.partly] : []),
          ].join(" ");
  return (
    <View style={styles.place}>
      <View style={styles.search}>
        <TextField
          label={strings.files.search}
          isLabelHidden
          placeholder={strings.files.search}
          value={wanted}
          onChangeText={setWanted}
          autoCapitalize="none"
          autoCorrect={false}
          testID="file-search"
        />
        {status === null ? null : (
          <Text variant="small" color="soft" role="status" style={styles.status}>
            {status}
          </Text>
        )}
      </View>
      {!isKnown && tree.trouble ? (
        tree.isOffline ? (
          <EmptyState icon="offline" title={strings.files.offlineTitle} text={strings.files.offlineText} />
        ) : (
          <ErrorState trouble={tree.trouble} onRetry={tree.reload} />
        )
      ) : !isKnown ? (
        <Skeleton />
      ) : (
        <FlatList
          data={rows}
          keyExtractor={({ entry }) => entry.path}
          keyboardShouldPersistTaps="handled"
          extraData={[theme, chosen]}
          ListEmptyComponent={
            isSearching ? null : <EmptyState icon="folder" title={strings.files.emptyFolder} />
          }
          ListFooterComponent={
            tree.truncated ? (
              <Text variant="small" color="soft" style={styles.status}>
                {strings.files.truncated}
              </Text>
            ) : null
          }
          renderItem={({ item: { entry, depth, isOpen, isLoading } }) => (
            <TreeEntryRow
              entry={entry}
              depth={depth}
              isOpen={isOpen}
              isLoading={isLoading}
              isChosen={entry.path === chosen}
              showFolder={isSearching}
              onPress={() => (entry.kind === "folder" ? tree.toggle(entry.path) : onChoose(entry.path))}
            />
          )}
        />
      )}
    </View>
  );
}

function TreeEntryRow({
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
      <View style={styles.chevron}>
        {isFolder ? <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} color="soft" /> : null}
      </View>
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
    place: { flex: 1, minHeight: 0 },
    search: { padding: space.s, gap: space.xs, backgroundColor: colors.surface },
    status: { paddingHorizontal: space.s, paddingVertical: space.xs },
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
