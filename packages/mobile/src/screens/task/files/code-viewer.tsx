import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { FlatList, Text as NativeText, Pressable, ScrollView, StyleSheet, View } from "react-native";
import { cellsOf } from "../../../code/cells.ts";
import { CodeText } from "../../../code/code-text.tsx";
import { highlight, type Token } from "../../../code/highlight.ts";
import { visible } from "../../../code/invisible.ts";
import { languageOf } from "../../../code/languages.ts";
import { heightInLines } from "../../../code/line-breaks.ts";
import { useCell } from "../../../code/use-cell.tsx";
import { strings } from "../../../strings/strings.ts";
import { MONO, scaled } from "../../../theme/font.ts";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { useTextScale } from "../../../theme/use-text-scale.ts";
import { offsetsOf } from "../changes/rows.ts";
import { findAll, type Hit, hitFrom } from "./find.ts";
import { FindBar } from "./find-bar.tsx";

const LINE_HEIGHT = 20;
const PADDING = 12;

export interface LineRange {
  from: number;
  to: number;
}

export interface CodeViewerProps {
  path: string;
  text: string;
  wrap: boolean;
  /** Lines that are marked: where a link leads, or what was chosen. */
  range: LineRange | null;
  onRange: (range: LineRange | null) => void;
  isFinding: boolean;
  onFindClose: () => void;
}

/** A text file with numbers, colours and a search, of which only what is seen is drawn. */
export function CodeViewer({ path, text, wrap, range, onRange, isFinding, onFindClose }: CodeViewerProps) {
  const styles = useStyles(sheet);
  const theme = useTheme();
  const list = useRef<FlatList<number>>(null);
  const { cell, ruler } = useCell();
  const scale = useTextScale();
  const [size, setSize] = useState({ width: 0, height: 0 });
  const lines = useMemo(() => linesOf(text), [text]);
  const tokens = useMemo(() => highlight(text, languageOf(path)), [text, path]);
  const numberWidth = String(lines.length).length * cell + space.l;
  const columns = wrap ? Math.max(12, Math.floor((size.width - numberWidth - PADDING - 16) / cell) - 1) : 0;
  const widest = useMemo(() => lines.reduce((most, line) => Math.max(most, cellsOf(line)), 0), [lines]);
  const full = Math.max(size.width, numberWidth + (widest + 2) * cell + PADDING);
  const rows = useMemo(
    () => lines.map((line) => ({ height: heightInLines(line, columns) * LINE_HEIGHT * scale })),
    [lines, columns, scale],
  );
  const offsets = useMemo(() => offsetsOf(rows), [rows]);

  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const hits = useMemo(() => (isFinding ? findAll(lines, wanted) : []), [isFinding, lines, wanted]);
  const byLine = useMemo(() => groupByLine(hits), [hits]);
  const first = useRef(0);

  const scrollTo = useCallback(
    (line: number) => {
      if (line >= 0 && line < lines.length)
        list.current?.scrollToIndex({ index: line, viewOffset: size.height / 3, animated: false });
    },
    [lines.length, size.height],
  );
  const look = (text: string) => {
    setWanted(text);
    const found = findAll(lines, text);
    const next = hitFrom(found, first.current);
    setAt(next);
    const hit = found[next];
    if (hit) scrollTo(hit.line);
  };
  const step = (by: 1 | -1) => {
    if (hits.length === 0) return;
    const next = (at + by + hits.length) % hits.length;
    setAt(next);
    scrollTo(hits[next]?.line ?? -1);
  };

  // A link leads to its line once the viewer has a size; what was pressed is in sight already.
  const pressed = useRef<number | null>(null);
  const target = range?.from ?? null;
  const isReady = size.height > 0;
  useEffect(() => {
    if (target === null || !isReady || pressed.current === target) return;
    const timer = setTimeout(() => scrollTo(target - 1), 60);
    return () => clearTimeout(timer);
  }, [target, isReady, scrollTo]);

  const press = useCallback(
    (line: number) => {
      const isWithin = range !== null && line >= range.from && line <= range.to;
      const next = isWithin
        ? null
        : range === null
          ? { from: line, to: line }
          : { from: Math.min(range.from, line), to: Math.max(range.to, line) };
      pressed.current = next?.from ?? null;
      onRange(next);
    },
    [range, onRange],
  );

  const current = hits[at] ?? null;
  const code = (
    <FlatList
      ref={list}
      data={lines.map((_line, index) => index)}
      keyExtractor={String}
      extraData={[theme, columns, cell, range, current, byLine]}
      getItemLayout={(_data, index) => ({
        index,
        offset: offsets[index] ?? 0,
        length: rows[index]?.height ?? LINE_HEIGHT,
      })}
      initialNumToRender={50}
      maxToRenderPerBatch={80}
      windowSize={5}
      onScroll={({ nativeEvent }) => {
        const top = nativeEvent.contentOffset.y;
        first.current = Math.floor(top / (LINE_HEIGHT * scale));
      }}
      scrollEventThrottle={64}
      renderItem={({ item: index }) => (
        <CodeLine
          number={index + 1}
          text={lines[index] ?? ""}
          tokens={tokens[index] ?? NOTHING}
          columns={columns}
          height={rows[index]?.height ?? LINE_HEIGHT}
          numberWidth={numberWidth}
          hits={byLine.get(index) ?? NO_HITS}
          current={current?.line === index ? current : null}
          isMarked={range !== null && index + 1 >= range.from && index + 1 <= range.to}
          onPress={press}
        />
      )}
      style={wrap ? styles.list : [styles.list, { width: full }]}
      testID="code"
    />
  );
  return (
    <View style={styles.place}>
      {isFinding ? (
        <FindBar
          wanted={wanted}
          onWanted={look}
          at={at}
          count={hits.length}
          onStep={step}
          onClose={onFindClose}
        />
      ) : null}
      <View
        style={styles.place}
        onLayout={({ nativeEvent: { layout } }) => setSize({ width: layout.width, height: layout.height })}
      >
        {ruler}
        {wrap ? (
          code
        ) : (
          <ScrollView horizontal style={styles.place} contentContainerStyle={styles.tall}>
            {code}
          </ScrollView>
        )}
      </View>
    </View>
  );
}

const NOTHING: readonly Token[] = [];
const NO_HITS: readonly Hit[] = [];

const CodeLine = memo(function CodeLine({
  number,
  text,
  tokens,
  columns,
  height,
  numberWidth,
  hits,
  current,
  isMarked,
  onPress,
}: {
  number: number;
  text: string;
  tokens: readonly Token[];
  columns: number;
  height: number;
  numberWidth: number;
  hits: readonly Hit[];
  current: Hit | null;
  isMarked: boolean;
  onPress: (line: number) => void;
}) {
  const styles = useStyles(sheet);
  return (
    <View style={[styles.line, { height }, isMarked ? styles.marked : null]}>
      <Pressable
        role="button"
        aria-label={strings.files.lineLabel(number, visible(text))}
        aria-pressed={isMarked}
        onPress={() => onPress(number)}
        style={[styles.gutter, { width: Math.max(44, numberWidth) }]}
      >
        <NativeText style={styles.number} aria-hidden>
          {number}
        </NativeText>
      </Pressable>
      <View style={styles.text}>
        <CodeText
          tokens={tokens}
          columns={columns}
          lineHeight={LINE_HEIGHT}
          showWhitespace={false}
          found={hits.map((hit) => ({ ...hit, isHere: hit === current }))}
        />
      </View>
    </View>
  );
});

/** The last line break ends the last line, and begins none. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines;
}

function groupByLine(hits: readonly Hit[]): Map<number, Hit[]> {
  const map = new Map<number, Hit[]>();
  for (const hit of hits) map.set(hit.line, [...(map.get(hit.line) ?? []), hit]);
  return map;
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minHeight: 0, minWidth: 0 },
    list: { flex: 1, backgroundColor: colors.surface },
    tall: { height: "100%" },
    line: { flexDirection: "row" },
    marked: { backgroundColor: colors.accentSoft, boxShadow: `inset 3px 0 0 ${colors.accent}` },
    gutter: { alignItems: "flex-end", paddingRight: space.m },
    number: {
      fontFamily: MONO,
      fontSize: scaled(12),
      lineHeight: scaled(LINE_HEIGHT),
      color: colors.soft,
      userSelect: "none",
    },
    text: { flex: 1, minWidth: 0 },
  });
