import {
  type ReactElement,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { FlatList, StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { useCell } from "../../../code/use-cell.tsx";
import { usePreferences } from "../../../prefs/preferences.ts";
import { useShortcut } from "../../../shortcuts/shortcuts.tsx";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { useTextScale } from "../../../theme/use-text-scale.ts";
import { Text } from "../../../ui/text.tsx";
import { CommentCard } from "./comment-card.tsx";
import type { DiffFile } from "./diff-file.ts";
import { lineSheet } from "./diff-look.ts";
import { FileRow } from "./file-row.tsx";
import { tokensOf } from "./hunk-tokens.ts";
import { LineHalf, type LineMeasures, numbersBefore } from "./line-row.tsx";
import { NoteRow } from "./note-row.tsx";
import { changedWithin } from "./pairs.ts";
import { type DiffRow, indexOfLine, offsetsOf, type Placed, rowsOf } from "./rows.ts";
import { isSelected, numberOn, sideOf } from "./selection.ts";
import { changesOf, stepFrom } from "./steps.ts";
import type { Review } from "./use-review.ts";

/** Room that two columns need, in points. */
const SPLIT_WIDTH = 720;
/** Below it fingers are likely, and there is room for one number. */
export const TOUCH_WIDTH = 560;
const SCROLLBAR = 16;
/** Left above the line that one is brought to: the file's name stays there, and the lines before tell where one is. */
const ROOM_ABOVE = 140;

/** Where a link leads. A new object leads there again. */
export interface Target {
  path: string;
  line: number | null;
  side: "old" | "new";
}

/** All files of a diff as one list, of which only what is seen is drawn. */
export function DiffList({
  files,
  review,
  width,
  target,
  loading,
  onLoad,
  onOpen,
  footer,
}: {
  files: readonly DiffFile[];
  review: Review;
  /** Of the pane, in points. */
  width: number;
  target: Target | null;
  loading: string | null;
  onLoad: (path: string) => void;
  onOpen: (file: DiffFile) => void;
  footer: ReactElement | null;
}) {
  const styles = useStyles(sheet);
  const lines = useStyles(lineSheet);
  const theme = useTheme();
  const list = useRef<FlatList<DiffRow>>(null);
  const { review: preferences } = usePreferences();
  const { cell, ruler } = useCell();
  const scale = useTextScale();
  const isTouch = width < TOUCH_WIDTH;
  const isSplit = preferences.isSplit && width >= SPLIT_WIDTH;
  /** Folded or unfolded by hand; otherwise what was viewed is folded. */
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [commentHeights, setCommentHeights] = useState<ReadonlyMap<string, number>>(new Map());

  const digits = useMemo(() => digitsOf(files), [files]);
  const measures = useMemo<LineMeasures>(() => {
    const hasBothNumbers = !isSplit && !isTouch;
    const numbers = Math.max(isTouch ? 0 : 44, (digits * cell + 6) * (hasBothNumbers ? 2 : 1) + space.xs);
    const room = (isSplit ? (width - SCROLLBAR) / 2 : width - SCROLLBAR) - numbers - 2 * cell;
    return {
      cell,
      digits,
      hasBothNumbers,
      isTouch,
      lineHeight: isTouch ? 24 : 20,
      columns: Math.max(12, Math.floor(room / cell) - 1),
    };
  }, [cell, digits, isSplit, isTouch, width]);

  const { isViewed, selection, pressLine, edit, remove } = review;
  // A comment grows by every letter: typing goes before drawing it in the list behind.
  const comments = useDeferredValue(review.comments);
  const isOpen = useCallback((file: DiffFile) => folds.get(file.path) ?? !isViewed(file), [folds, isViewed]);
  const rows = useMemo(
    () =>
      rowsOf(files, comments, {
        isSplit,
        ignoreBlanks: preferences.ignoreBlanks,
        columns: measures.columns,
        lineHeight: measures.lineHeight * scale,
        commentHeights,
        isOpen,
      }),
    [files, comments, isSplit, preferences.ignoreBlanks, measures, scale, commentHeights, isOpen],
  );
  const offsets = useMemo(() => offsetsOf(rows), [rows]);
  const heads = useMemo(() => rows.flatMap((row, index) => (row.kind === "file" ? [index] : [])), [rows]);

  const setFold = useCallback(
    (path: string, isFileOpen: boolean) => setFolds((before) => new Map(before).set(path, isFileOpen)),
    [],
  );
  const toggle = useCallback((file: DiffFile) => setFold(file.path, !isOpen(file)), [isOpen, setFold]);
  const setViewed = review.setViewed;
  const toggleViewed = useCallback(
    (file: DiffFile) => {
      setViewed(file, !isViewed(file));
      setFolds((before) => {
        const after = new Map(before);
        after.delete(file.path);
        return after;
      });
    },
    [isViewed, setViewed],
  );
  const measureComment = useCallback(
    (id: string, height: number) =>
      setCommentHeights((before) => (before.get(id) === height ? before : new Map(before).set(id, height))),
    [],
  );

  const scrollTo = useCallback((index: number, offset: number) => {
    if (index >= 0) list.current?.scrollToIndex({ index, viewOffset: offset, animated: false });
  }, []);
  const at = useRef(0);
  /** The file that the chosen lines are of, or else the one at the top. */
  const currentFile = () => {
    const chosen = heads.findIndex((head) => rows[head]?.file.path === selection?.path);
    return chosen >= 0 ? chosen : heads.filter((head) => (offsets[head] ?? 0) <= at.current + 1).length - 1;
  };
  const step = (by: 1 | -1) => {
    const next = heads[Math.min(heads.length - 1, Math.max(0, currentFile() + by))];
    review.setSelection(null);
    if (next !== undefined) scrollTo(next, 0);
  };
  const stepChange = (by: 1 | -1) => {
    const top = offsets.findIndex((offset) => offset > at.current) - 1;
    const next = stepFrom(changesOf(rows), selection, top, by);
    if (!next) return;
    review.setSelection(next.lines);
    scrollTo(next.row, ROOM_ABOVE);
  };
  const tick = () => {
    const head = heads[currentFile()];
    const file = head === undefined ? undefined : rows[head]?.file;
    if (head === undefined || !file) return;
    toggleViewed(file);
    review.setSelection(null);
    scrollTo(head, 0);
  };
  useShortcut("nextFile", () => step(1));
  useShortcut("previousFile", () => step(-1));
  useShortcut("nextChange", () => stepChange(1));
  useShortcut("previousChange", () => stepChange(-1));
  useShortcut("viewed", tick);
  useShortcut("comment", review.comment, selection !== null);

  // A link unfolds its file, and goes to its line once that is there.
  const reached = useRef<Target | null>(null);
  useEffect(() => {
    if (!target || reached.current === target) return;
    const head = rows.find((row) => row.kind === "file" && row.file.path === target.path);
    if (head?.kind !== "file") return;
    if (!head.isOpen) {
      setFold(target.path, true);
      return;
    }
    const index = indexOfLine(rows, target.path, target.line, target.side);
    const above = rows[index]?.kind === "file" ? 0 : ROOM_ABOVE;
    // Its rows may be laid out anew before that, as when the font was measured: then it begins again.
    const timer = setTimeout(() => {
      reached.current = target;
      scrollTo(index, above);
    }, 60);
    return () => clearTimeout(timer);
  }, [target, rows, scrollTo, setFold]);

  const half = (row: DiffRow & { kind: "pair" }, given: Placed | null, side: "old" | "new") => {
    if (!given) return <View style={[lines.half, lines.absent, side === "new" ? lines.divided : null]} />;
    const span =
      row.old && row.new && given.line.type !== "context"
        ? changedWithin(row.old.line.text, row.new.line.text)
        : null;
    return (
      <LineHalf
        path={row.file.path}
        line={given.line}
        side={side}
        tokens={tokensOf(row.hunk, row.file.path, row.file.oldPath)[given.at] ?? []}
        changed={span?.[side] ?? null}
        isChosen={isSelected(selection, row.file.path, side, numberOn(given.line, side))}
        isDivided={side === "new"}
        numbers={[numberOn(given.line, side)]}
        showWhitespace={preferences.showWhitespace}
        measures={measures}
        onPress={pressLine}
      />
    );
  };

  const draw = (row: DiffRow) => {
    switch (row.kind) {
      case "file":
        return (
          <FileRow
            file={row.file}
            isOpen={row.isOpen}
            isViewed={isViewed(row.file)}
            height={row.height}
            onToggle={toggle}
            onViewed={toggleViewed}
            onOpen={onOpen}
          />
        );
      case "hunk":
        return (
          <View style={[styles.hunk, { height: row.height }]}>
            <Text variant="small" color="soft" isMono numberOfLines={1}>
              {`@@ −${row.hunk.oldStart} +${row.hunk.newStart} @@ ${visible(row.hunk.heading)}`}
            </Text>
          </View>
        );
      case "line": {
        const { line, other, file } = row;
        const side = sideOf(line);
        const span =
          other === null
            ? null
            : side === "old"
              ? changedWithin(line.text, other.text)?.old
              : changedWithin(other.text, line.text)?.new;
        return (
          <View style={[lines.row, { height: row.height }]}>
            <LineHalf
              path={file.path}
              line={line}
              side={side}
              tokens={tokensOf(row.hunk, file.path, file.oldPath)[row.at] ?? []}
              changed={span ?? null}
              isChosen={isSelected(selection, file.path, side, numberOn(line, side))}
              numbers={numbersBefore(line, measures.hasBothNumbers)}
              showWhitespace={preferences.showWhitespace}
              measures={measures}
              onPress={pressLine}
            />
          </View>
        );
      }
      case "pair":
        return (
          <View style={[lines.row, { height: row.height }]}>
            {half(row, row.old, "old")}
            {half(row, row.new, "new")}
          </View>
        );
      case "note":
        return (
          <NoteRow
            file={row.file}
            note={row.note}
            height={row.height}
            isLoading={loading === row.file.path}
            onLoad={onLoad}
          />
        );
      case "comment":
        return (
          <CommentCard
            comment={row.comment}
            isOutdated={row.isOutdated}
            onEdit={edit}
            onRemove={remove}
            onHeight={measureComment}
          />
        );
    }
  };

  return (
    <View style={styles.place}>
      {ruler}
      <FlatList
        ref={list}
        data={rows}
        keyExtractor={({ key, kind }) => `${kind}:${key}`}
        renderItem={({ item }) => draw(item)}
        getItemLayout={(_data, index) => ({
          index,
          offset: offsets[index] ?? 0,
          length: rows[index]?.height ?? 0,
        })}
        stickyHeaderIndices={heads}
        extraData={[theme, selection, measures, preferences, isViewed, loading]}
        initialNumToRender={40}
        maxToRenderPerBatch={60}
        windowSize={5}
        scrollEventThrottle={32}
        onScroll={({ nativeEvent }) => {
          at.current = nativeEvent.contentOffset.y;
        }}
        ListFooterComponent={footer}
        style={styles.place}
        testID="diff"
      />
    </View>
  );
}

function digitsOf(files: readonly DiffFile[]): number {
  let most = 1;
  for (const { hunks } of files)
    for (const { lines, oldStart, newStart } of hunks)
      most = Math.max(most, Math.max(oldStart, newStart) + lines.length);
  return Math.max(2, String(most).length);
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minHeight: 0 },
    hunk: {
      justifyContent: "center",
      paddingHorizontal: space.m,
      backgroundColor: colors.sunken,
    },
  });
