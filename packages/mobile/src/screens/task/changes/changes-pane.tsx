import { useMemo, useState } from "react";
import { StyleSheet, View } from "react-native";
import { type TaskPlace, taskLink } from "../../../links/task-link.ts";
import { copy } from "../../../platform/clipboard";
import { homeServer } from "../../../session/auth";
import { strings } from "../../../strings/strings.ts";
import { Banner } from "../../../ui/banner.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorState } from "../../../ui/error-state.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { toast } from "../../../ui/toast.tsx";
import { useOpenTask } from "../open-task.tsx";
import { ChangesBar } from "./changes-bar.tsx";
import { CommentSheet } from "./comment-sheet.tsx";
import type { DiffFile } from "./diff-file.ts";
import { DiffList, type Target } from "./diff-list.tsx";
import { FilesSheet } from "./files-sheet.tsx";
import { ReviewSheet } from "./review-sheet.tsx";
import type { Scope } from "./scope.ts";
import { firstOf, lastOf } from "./selection.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { useDiff } from "./use-diff.ts";
import { useReview } from "./use-review.ts";

/** What the task changed, to be reviewed. It fills whatever it stands in: a phone, or the right of the chat. */
export function ChangesPane({
  taskId,
  scope,
  onScope,
  place,
  onOpenFile,
}: {
  taskId: string;
  scope: Scope;
  onScope: (scope: Scope) => void;
  /** Where a link leads. */
  place: Pick<TaskPlace, "file" | "lines">;
  onOpenFile: (path: string) => void;
}) {
  const { view } = useOpenTask();
  const turns = useMemo(() => view.turns.toArray(), [view.turns]);
  const changes = useDiff(taskId, scope, turns, view.header?.checkpoint ?? null);
  const { diff, files, trouble } = changes;
  const review = useReview(taskId, files);
  const [width, setWidth] = useState(0);
  const [isListOpen, setListOpen] = useState(false);
  const [jump, setJump] = useState<Target | null>(null);
  const { file, lines } = place;
  const linked = useMemo<Target | null>(
    () => (file === null ? null : { path: file, line: lines?.from ?? null, side: "new" }),
    [file, lines?.from],
  );
  const viewed = files.filter(review.isViewed).length;

  const copyLink = () => {
    const { selection } = review;
    if (!selection) return;
    const link = taskLink(
      {
        taskId,
        part: "changes",
        file: selection.path,
        lines: { from: firstOf(selection), to: lastOf(selection) },
      },
      homeServer(),
    );
    void copy(link).then((isCopied) => isCopied && toast(strings.common.copied));
  };
  const openFile = (changed: DiffFile) => onOpenFile(changed.path);

  return (
    <View style={styles.place} onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}>
      <ChangesBar
        scope={scope}
        turns={turns}
        onScope={onScope}
        viewed={viewed}
        count={files.length}
        onFiles={() => setListOpen(true)}
      />
      {diff && changes.isKept && changes.isOffline ? (
        <Banner text={strings.changes.keptText} icon="offline" tone="warn" />
      ) : null}
      {diff && files.length > 0 ? (
        width > 0 ? (
          <DiffList
            files={files}
            review={review}
            width={width}
            target={jump ?? linked}
            loading={changes.loading}
            onLoad={changes.loadFile}
            onOpen={openFile}
            footer={
              diff.filesTruncated ? (
                <Banner text={strings.changes.filesTruncated(files.length, diff.filesChanged)} />
              ) : null
            }
          />
        ) : null
      ) : trouble && changes.isOffline ? (
        <EmptyState icon="offline" title={strings.changes.offlineTitle} text={strings.changes.offlineText} />
      ) : trouble ? (
        <ErrorState trouble={trouble} onRetry={changes.reload} />
      ) : diff ? (
        <EmptyState icon="branch" title={strings.changes.noneTitle} text={strings.changes.noneText} />
      ) : (
        <Skeleton />
      )}
      <SelectionBar review={review} onLink={copyLink} />
      <FilesSheet
        files={files}
        isViewed={review.isViewed}
        isOpen={isListOpen}
        onClose={() => setListOpen(false)}
        onChoose={(chosen) => {
          setListOpen(false);
          setJump({ path: chosen.path, line: null, side: "new" });
        }}
      />
      <CommentSheet
        place={review.place}
        text={review.editing?.text ?? ""}
        onKeep={review.keepComment}
        onClose={review.closeComment}
      />
      <ReviewSheet
        comments={review.comments}
        isOpen={review.isReviewing}
        onEdit={review.edit}
        onRemove={review.remove}
        onSend={review.send}
        onClose={() => review.setReviewing(false)}
      />
    </View>
  );
}

const styles = StyleSheet.create({ place: { flex: 1, minWidth: 0, minHeight: 0 } });
