import { nodeKey } from "@farhand/client/app";
import type { FileNode } from "@farhand/protocol";
import { useCallback, useEffect, useState } from "react";
import { StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { useServer } from "../../../data/server.tsx";
import { troubleOf } from "../../../data/trouble.ts";
import { useCached } from "../../../data/use-cached.ts";
import { taskLink } from "../../../links/task-link.ts";
import { copy } from "../../../platform/clipboard";
import { saveFile } from "../../../platform/save-file";
import { setPreferences, usePreferences } from "../../../prefs/preferences.ts";
import { homeServer } from "../../../session/auth";
import { useShortcut } from "../../../shortcuts/shortcuts.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { Banner } from "../../../ui/banner.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorState } from "../../../ui/error-state.tsx";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { toast } from "../../../ui/toast.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { CodeViewer, type CodeViewerProps, type LineRange, linesOf } from "./code-viewer.tsx";
import { imageKindOf } from "./image-kind.ts";
import { ImagePreview } from "./image-preview.tsx";

/** One file, link or submodule, with what can be done with it. */
export function FilePane({
  taskId,
  path,
  checkpoint,
  lines,
  isNarrow,
  onFolder,
}: {
  taskId: string;
  path: string;
  checkpoint: string | null;
  /** Where a link leads. */
  lines: LineRange | null;
  isNarrow: boolean;
  onFolder: (folder: string) => void;
}) {
  const styles = useStyles(sheet);
  const { client, baseUrl } = useServer();
  const { wrapCode } = usePreferences();
  const wrap = wrapCode ?? isNarrow;
  const [isFinding, setFinding] = useState(false);
  const [range, setRange] = useState<LineRange | null>(lines);
  const { from, to } = lines ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file, or another link, marks its own lines
  useEffect(() => setRange(lines), [path, from, to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new checkpoint is another file under the same name
  const load = useCallback(
    (signal: AbortSignal) => client.files(taskId, { path }, signal),
    [client, taskId, path, checkpoint],
  );
  const {
    value: node,
    trouble,
    isKept,
    isOffline,
    reload,
  } = useCached<FileNode>(nodeKey(taskId, path), load);
  const text = node?.kind === "file" ? node.text : null;
  useShortcut("find", () => setFinding(true), text !== null && !isFinding);

  const download = () => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const query = `path=${encodeURIComponent(path)}`;
    saveFile({
      name,
      url: `${baseUrl}/api/tasks/${encodeURIComponent(taskId)}/files/raw?${query}`,
      read: () => client.rawFile(taskId, { path }),
    }).catch((error: unknown) => toast(`${strings.files.downloadFailed}. ${troubleOf(error).title}`));
  };
  const copyText = (copied: string) =>
    void copy(copied).then((isCopied) => isCopied && toast(strings.common.copied));
  const link = taskLink({ taskId, part: "files", file: path, lines: range }, homeServer());

  return (
    <View style={styles.place}>
      <View style={styles.bar}>
        <Breadcrumbs path={path} onFolder={onFolder} />
        <View style={styles.actions} role="toolbar" aria-label={visible(path)}>
          {text !== null ? (
            <>
              <IconButton
                icon="search"
                size={20}
                label={strings.files.find}
                isOn={isFinding}
                onPress={() => setFinding(!isFinding)}
                testID="find"
              />
              <IconButton
                icon="wrap"
                size={20}
                label={strings.files.wrap}
                isOn={wrap}
                onPress={() => setPreferences({ wrapCode: !wrap })}
              />
            </>
          ) : null}
          <IconButton icon="copy" size={20} label={strings.files.copyPath} onPress={() => copyText(path)} />
          <IconButton icon="link" size={20} label={strings.files.copyLink} onPress={() => copyText(link)} />
          {node?.kind === "file" ? (
            <IconButton icon="download" size={20} label={strings.files.download} onPress={download} />
          ) : null}
        </View>
      </View>
      {node && isKept && isOffline ? (
        <Banner text={strings.files.keptText} icon="offline" tone="warn" />
      ) : null}
      {lines && text !== null && lines.from > linesOf(text).length ? (
        <Banner text={strings.files.noSuchLine(lines.from, linesOf(text).length)} tone="warn" />
      ) : null}
      {node?.kind === "file" && node.truncated ? <Banner text={strings.files.cutOff} tone="accent" /> : null}
      {node ? (
        <NodeBody
          node={node}
          taskId={taskId}
          wrap={wrap}
          range={range}
          onRange={setRange}
          isFinding={isFinding}
          onFindClose={() => setFinding(false)}
        />
      ) : trouble && isOffline ? (
        <EmptyState icon="offline" title={strings.files.offlineTitle} text={strings.files.offlineText} />
      ) : trouble ? (
        <ErrorState trouble={trouble} onRetry={reload} />
      ) : (
        <Skeleton />
      )}
    </View>
  );
}

function NodeBody({
  node,
  taskId,
  ...viewer
}: {
  node: FileNode;
  taskId: string;
} & Pick<CodeViewerProps, "wrap" | "range" | "onRange" | "isFinding" | "onFindClose">) {
  if (node.kind === "symlink")
    return (
      <EmptyState
        icon="link"
        title={strings.files.symlink(visible(node.target))}
        text={strings.files.symlinkText}
      />
    );
  if (node.kind === "submodule")
    return (
      <EmptyState
        icon="branch"
        title={strings.files.submodule(node.submodule.slice(0, 12))}
        text={strings.files.submoduleText}
      />
    );
  if (node.kind === "folder") return <EmptyState icon="folder" title={visible(node.path)} />;
  if (node.sizeBytes === 0) return <EmptyState icon="file" title={strings.files.emptyFile} />;
  if (node.text !== null) return <CodeViewer key={node.path} path={node.path} text={node.text} {...viewer} />;
  if (imageKindOf(node.path) !== null)
    return <ImagePreview taskId={taskId} path={node.path} commit={node.commit} sizeBytes={node.sizeBytes} />;
  return (
    <EmptyState
      icon="file"
      title={`${strings.files.binary}, ${strings.files.size(node.sizeBytes)}`}
      text={strings.files.binaryText}
    />
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minWidth: 0, minHeight: 0, backgroundColor: colors.page },
    bar: {
      flexDirection: "row",
      flexWrap: "wrap",
      alignItems: "center",
      paddingHorizontal: space.s,
      backgroundColor: colors.surface,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
    },
    actions: { flexDirection: "row", marginLeft: "auto" },
  });
