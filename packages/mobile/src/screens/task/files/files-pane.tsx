import { useEffect, useState } from "react";
import { StyleSheet, View } from "react-native";
import type { TaskPlace } from "../../../links/task-link.ts";
import { useShortcut } from "../../../shortcuts/shortcuts.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import type { Palette } from "../../../theme/tokens.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { useOpenTask } from "../open-task.tsx";
import { FilePane } from "./file-pane.tsx";
import { foldersAbove, treeRows } from "./tree.ts";
import { TreePane } from "./tree-pane.tsx";
import { useReadNode, useTree } from "./use-tree.ts";

/** From this width on the tree stands beside the file, in points. */
const BOTH_WIDTH = 700;
const TREE_WIDTH = 280;

/** The task's files as they were when the last turn ended. It fills whatever it stands in. */
export function FilesPane({
  taskId,
  place,
  onFile,
}: {
  taskId: string;
  place: Pick<TaskPlace, "file" | "lines">;
  /** Null goes back to the tree. @param line from 1, to be marked */
  onFile: (path: string | null, line?: number) => void;
}) {
  const styles = useStyles(sheet);
  const { view } = useOpenTask();
  const checkpoint = view.header?.checkpoint ?? null;
  const read = useReadNode(taskId, checkpoint);
  const tree = useTree(read);
  // Kept here, so that who goes back from a file is where the search was.
  const [wanted, setWanted] = useState("");
  const [width, setWidth] = useState(0);
  const hasBoth = width >= BOTH_WIDTH;
  const { file } = place;
  const { reveal } = tree;
  useEffect(() => {
    if (file !== null) reveal(foldersAbove(file));
  }, [file, reveal]);

  const step = (by: 1 | -1) => {
    const files = treeRows(tree.folders, tree.open).filter(({ entry }) => entry.kind !== "folder");
    const next = files[files.findIndex(({ entry }) => entry.path === file) + by];
    if (next) onFile(next.entry.path);
  };
  useShortcut("nextFile", () => step(1));
  useShortcut("previousFile", () => step(-1), file !== null);

  const openFolder = (folder: string) => {
    if (folder !== "") {
      reveal([...foldersAbove(folder), folder]);
      setWanted("");
    }
    if (!hasBoth) onFile(null);
  };
  const showsTree = hasBoth || file === null;
  return (
    <View style={styles.place} onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}>
      {showsTree ? (
        <View style={hasBoth ? styles.side : styles.main}>
          <TreePane
            taskId={taskId}
            checkpoint={checkpoint}
            tree={tree}
            read={read}
            chosen={file}
            chosenLines={place.lines}
            wanted={wanted}
            onWanted={setWanted}
            onChoose={onFile}
          />
        </View>
      ) : null}
      {file !== null ? (
        <View style={styles.main}>
          <FilePane
            taskId={taskId}
            path={file}
            checkpoint={checkpoint}
            lines={place.lines}
            isNarrow={!hasBoth}
            onFolder={openFolder}
          />
        </View>
      ) : hasBoth ? (
        <View style={styles.main}>
          <EmptyState icon="code" title={strings.files.chooseTitle} text={strings.files.chooseText} />
        </View>
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, flexDirection: "row", minHeight: 0 },
    side: {
      width: TREE_WIDTH,
      borderRightWidth: 1,
      borderRightColor: colors.line,
      backgroundColor: colors.surface,
    },
    main: { flex: 1, minWidth: 0 },
  });
