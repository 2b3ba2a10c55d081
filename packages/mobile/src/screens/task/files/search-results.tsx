import type { FileNode, FileSearch, TreeEntry } from "@farhand/protocol";
import { useState } from "react";
import { FlatList, StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { Text } from "../../../ui/text.tsx";
import type { LineRange } from "./code-viewer.tsx";
import { FoundFileRow, FoundLineRow, MoreInFile } from "./found-rows.tsx";
import { matching, type NameIndex } from "./search-names.ts";
import { type SearchRow, searchRows } from "./search-rows.ts";
import { TreeEntryRow } from "./tree-entry-row.tsx";
import { type ContentSearch, useContentSearch } from "./use-content-search.ts";
import { useNameSearch } from "./use-name-search.ts";

export interface SearchResultsProps {
  taskId: string;
  checkpoint: string | null;
  read: (path: string, signal?: AbortSignal) => Promise<FileNode>;
  /** The file that is shown beside the results. */
  chosen: string | null;
  /** Its lines that are marked. */
  chosenLines: LineRange | null;
  /** What is searched for. */
  wanted: string;
  /** @param line from 1; left out for the file as a whole */
  onChoose: (path: string, line?: number) => void;
}

/** Files whose name fits, which this device finds by itself, and below them lines in files, which the server finds. */
export function SearchResults({
  taskId,
  checkpoint,
  read,
  chosen,
  chosenLines,
  wanted,
  onChoose,
}: SearchResultsProps) {
  const theme = useTheme();
  const { index, trouble } = useNameSearch(read, true);
  const contents = useContentSearch(taskId, checkpoint, wanted);
  // Of this text alone: another one begins with few names again.
  const [allOf, setAllOf] = useState<string | null>(null);
  const names = matching(index.files, wanted);
  const rows = searchRows(names, contents.isWanted ? contents.found : null, allOf === wanted);
  const nameStatus = trouble ? trouble.title : statusOfNames(index, names);

  const draw = (row: SearchRow) => {
    switch (row.type) {
      case "names":
        return <Section title={strings.files.byName} status={nameStatus} />;
      case "name":
        return (
          <TreeEntryRow
            entry={row.entry}
            depth={0}
            isOpen={false}
            isLoading={false}
            isChosen={row.entry.path === chosen && chosenLines === null}
            showFolder
            onPress={() => onChoose(row.entry.path)}
          />
        );
      case "more-names":
        return <MoreNames count={row.count} onPress={() => setAllOf(wanted)} />;
      case "contents":
        return <ContentsSection contents={contents} />;
      case "file":
        return <FoundFileRow path={row.path} onPress={() => onChoose(row.path)} />;
      case "line":
        return (
          <FoundLineRow
            path={row.path}
            found={row.found}
            isChosen={row.path === chosen && row.found.line === chosenLines?.from}
            onPress={() => onChoose(row.path, row.found.line)}
          />
        );
      case "more-lines":
        return <MoreInFile />;
    }
  };
  return (
    <FlatList
      data={rows}
      keyExtractor={({ key }) => key}
      keyboardShouldPersistTaps="handled"
      extraData={[theme, chosen, chosenLines, contents, nameStatus]}
      initialNumToRender={30}
      renderItem={({ item }) => draw(item)}
      testID="search-results"
    />
  );
}

function statusOfNames(index: NameIndex, names: readonly TreeEntry[]): string {
  if (!index.isDone) return strings.files.searching(index.foldersRead);
  const found = names.length === 0 ? strings.files.nothingFound : strings.files.found(names.length);
  return index.isPartial ? `${found} ${strings.files.partly}` : found;
}

function ContentsSection({ contents }: { contents: ContentSearch }) {
  const { trouble, isOffline, isAsking, retry } = contents;
  const isStuck = trouble !== null && !isOffline && !isAsking;
  return (
    <Section
      title={strings.files.inFiles}
      status={statusOfContents(contents)}
      isBusy={isAsking}
      {...(isStuck ? { onRetry: retry } : {})}
    />
  );
}

function statusOfContents({ isWanted, isAsking, found, trouble, isOffline }: ContentSearch): string {
  if (!isWanted) return strings.files.inFilesShort;
  if (isAsking) return strings.files.inFilesAsking;
  if (isOffline) return strings.files.inFilesOffline;
  if (trouble) return [trouble.title, trouble.action].filter(Boolean).join(" ");
  if (found === null || found.files.length === 0)
    return found?.truncated ? strings.files.inFilesNothingYet : strings.files.inFilesNothing;
  const count = strings.files.inFilesFound(linesIn(found), found.files.length);
  return found.truncated ? `${count} ${strings.files.inFilesPartly}` : count;
}

const linesIn = ({ files }: FileSearch): number => files.reduce((sum, { lines }) => sum + lines.length, 0);

function Section({
  title,
  status,
  isBusy = false,
  onRetry,
}: {
  title: string;
  status: string;
  isBusy?: boolean;
  onRetry?: () => void;
}) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.section}>
      <Text variant="label" heading={2}>
        {title}
      </Text>
      <Text variant="small" color="soft" role="status" aria-busy={isBusy}>
        {status}
      </Text>
      {onRetry ? (
        <View style={styles.retry}>
          <Button title={strings.common.retry} kind="quiet" icon="refresh" onPress={onRetry} isCompact />
        </View>
      ) : null}
    </View>
  );
}

function MoreNames({ count, onPress }: { count: number; onPress: () => void }) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.more}>
      <Button title={strings.files.allNames(count)} kind="quiet" onPress={onPress} isCompact />
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    section: {
      paddingHorizontal: space.m,
      paddingTop: space.m,
      paddingBottom: space.s,
      gap: space.xs,
      backgroundColor: colors.surface,
    },
    retry: { alignItems: "flex-start", paddingTop: space.xs },
    more: {
      alignItems: "flex-start",
      paddingHorizontal: space.m,
      paddingVertical: space.xs,
      backgroundColor: colors.surface,
    },
  });
