import type { TaskDiff } from "@farhand/protocol";
import { useEffect, useMemo, useRef, useState } from "react";
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
import { CommentCard } from "./comment-card.tsx";
import { CommentSheet } from "./comment-sheet.tsx";
import type { DiffFile } from "./diff-file.ts";
import { DiffList, type Target, TOUCH_WIDTH } from "./diff-list.tsx";
import { FilesSheet } from "./files-sheet.tsx";
import { ReviewSheet } from "./review-sheet.tsx";
import type { Scope } from "./scope.ts";
import { firstOf, lastOf, numbersOf, type Selection } from "./selection.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { useDiff } from "./use-diff.ts";
import { type Review, useReview } from "./use-review.ts";

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
  place: Pick<TaskPlace, "file" | "lines" | "side">;
  onOpenFile: (path: string) => void;
}) {
  const { view } = useOpenTask();
  const turns = useMemo(() => view.turns.toArray(), [view.turns]);
  const head = view.header?.checkpoint ?? null;
  const changes = useDiff(taskId, scope, turns, head);
  const { diff, files, trouble } = changes;
  const review = useReview(taskId, diff, files);
  const [width, setWidth] = useState(0);
  const [isListOpen, setListOpen] = useState(false);
  const [jump, setJump] = useState<Target | null>(null);
  const linked = useLinked(place, files, review.setSelection);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new link leads away from where one has jumped
  useEffect(() => setJump(null), [linked]);
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
        side: selection.side,
        turn: scope.kind === "turn" ? scope.turn : null,
      },
      homeServer(),
    );
    void copy(link).then((isCopied) => isCopied && toast(strings.common.copied));
  };
  const openFile = (changed: DiffFile) => onOpenFile(changed.path);

  return (
    <View
      style={styles.place}
      onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}
      testID="changes"
    >
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
            footer={<ListEnd diff={diff} files={files} review={review} />}
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
      <SelectionBar review={review} isNarrow={width < TOUCH_WIDTH} onLink={copyLink} />
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
        text={review.text}
        onText={review.write}
        onClose={review.closeComment}
      />
      <ReviewSheet
        comments={review.comments}
        isOutdated={review.isOutdated}
        note={review.note}
        onNote={review.setNote}
        isOpen={review.isReviewing}
        onEdit={review.edit}
        onRemove={review.remove}
        onSend={() => review.send(head)}
        onClose={() => review.setReviewing(false)}
      />
    </View>
  );
}

/** Where a link leads, and its lines chosen once they are there. */
function useLinked(
  { file, lines, side = "new" }: Pick<TaskPlace, "file" | "lines" | "side">,
  files: readonly DiffFile[],
  choose: (selection: Selection) => void,
): Target | null {
  const [from, to] = [lines?.from ?? null, lines?.to ?? null];
  const linked = useMemo<Target | null>(
    () => (file === null ? null : { path: file, line: from, side }),
    [file, from, side],
  );
  const chosen = useRef<Target | null>(null);
  useEffect(() => {
    if (!linked || from === null || to === null || chosen.current === linked) return;
    const found = files.find(({ path }) => path === linked.path);
    if (!found) return;
    chosen.current = linked;
    const shown = numbersOf(found, side).filter((number) => number >= from && number <= to);
    const [first, last] = [shown[0], shown.at(-1)];
    if (first === undefined || last === undefined) toast(strings.changes.lineNotShown(from));
    else choose({ path: linked.path, side, from: first, to: last });
  }, [linked, from, to, side, files, choose]);
  return linked;
}

/** Below the last file: what is not among the files. */
function ListEnd({
  diff,
  files,
  review,
}: {
  diff: Pick<TaskDiff, "filesTruncated" | "filesChanged">;
  files: readonly DiffFile[];
  review: Review;
}) {
  const elsewhere = review.comments.filter(({ path }) => files.every((file) => file.path !== path));
  return (
    <>
      {diff.filesTruncated ? (
        <Banner text={strings.changes.filesTruncated(files.length, diff.filesChanged)} />
      ) : null}
      {elsewhere.length > 0 ? <Banner text={strings.changes.commentsElsewhere} icon="comment" /> : null}
      {elsewhere.map((comment) => (
        <CommentCard
          key={comment.id}
          comment={comment}
          isOutdated
          showPath
          onEdit={review.edit}
          onRemove={review.remove}
        />
      ))}
    </>
  );
}

const styles = StyleSheet.create({ place: { flex: 1, minWidth: 0, minHeight: 0 } });
