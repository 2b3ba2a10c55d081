import { FlatList, StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorState } from "../../../ui/error-state.tsx";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { SearchResults, type SearchResultsProps } from "./search-results.tsx";
import { treeRows } from "./tree.ts";
import { TreeEntryRow } from "./tree-entry-row.tsx";
import { MOST_CHARACTERS } from "./use-content-search.ts";
import type { Tree } from "./use-tree.ts";

interface TreePaneProps extends SearchResultsProps {
  tree: Tree;
  /** An empty text shows the tree. */
  onWanted: (wanted: string) => void;
}

/** All files of the task as a tree, and a search over their names and contents. */
export function TreePane({ wanted, onWanted, ...props }: TreePaneProps) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.place}>
      <View style={styles.search}>
        <TextField
          label={strings.files.search}
          isLabelHidden
          placeholder={strings.files.search}
          value={wanted}
          onChangeText={onWanted}
          autoCapitalize="none"
          autoCorrect={false}
          maxLength={MOST_CHARACTERS}
          testID="file-search"
          end={
            wanted === "" ? null : (
              <IconButton
                icon="close"
                size={18}
                label={strings.files.clearSearch}
                onPress={() => onWanted("")}
              />
            )
          }
        />
      </View>
      {wanted.trim() === "" ? <TreeList {...props} /> : <SearchResults {...props} wanted={wanted} />}
    </View>
  );
}

function TreeList({ tree, chosen, onChoose }: Pick<TreePaneProps, "tree" | "chosen" | "onChoose">) {
  const theme = useTheme();
  const styles = useStyles(sheet);
  if (!tree.folders.has("")) {
    if (!tree.trouble) return <Skeleton />;
    if (!tree.isOffline) return <ErrorState trouble={tree.trouble} onRetry={tree.reload} />;
    return <EmptyState icon="offline" title={strings.files.offlineTitle} text={strings.files.offlineText} />;
  }
  return (
    <FlatList
      data={treeRows(tree.folders, tree.open)}
      keyExtractor={({ entry }) => entry.path}
      keyboardShouldPersistTaps="handled"
      extraData={[theme, chosen]}
      ListEmptyComponent={<EmptyState icon="folder" title={strings.files.emptyFolder} />}
      ListFooterComponent={
        tree.truncated ? (
          <Text variant="small" color="soft" style={styles.more}>
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
          showFolder={false}
          onPress={() => (entry.kind === "folder" ? tree.toggle(entry.path) : onChoose(entry.path))}
        />
      )}
    />
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minHeight: 0 },
    search: { padding: space.s, backgroundColor: colors.surface },
    more: { paddingHorizontal: space.s, paddingVertical: space.xs },
  });
