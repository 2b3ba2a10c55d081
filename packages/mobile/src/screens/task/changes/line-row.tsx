import { memo } from "react";
import { Text as NativeText, Pressable, StyleSheet, View } from "react-native";
import { CodeText } from "../../../code/code-text.tsx";
import type { Token } from "../../../code/highlight.ts";
import { visible } from "../../../code/invisible.ts";
import type { Span } from "../../../code/line-layout.ts";
import { strings } from "../../../strings/strings.ts";
import { scaled } from "../../../theme/font.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { lineSheet } from "./diff-look.ts";
import type { DiffLine } from "./parse-patch.ts";
import { endOf } from "./rows.ts";
import { numberOn, type Side, sideOf } from "./selection.ts";

/** How wide things are, in points, and how high a line is before the reader's own scale. */
export interface LineMeasures {
  cell: number;
  lineHeight: number;
  columns: number;
  /** Digits of the longest line number. */
  digits: number;
  /** Both numbers beside each other; the line's own where there is no room. */
  hasBothNumbers: boolean;
  /** Fingers press the whole line, pointers its numbers. */
  isTouch: boolean;
}

export interface LineHalfProps {
  path: string;
  line: DiffLine;
  side: Side;
  tokens: readonly Token[];
  changed: Span | null;
  isChosen: boolean;
  isDivided?: boolean;
  numbers: readonly (number | null)[];
  showWhitespace: boolean;
  measures: LineMeasures;
  onPress: (path: string, side: Side, line: number) => void;
}

const SIGNS = { added: "+", removed: "−", context: " " } as const;

/** A line of a diff, or one half where before and after stand side by side. */
export const LineHalf = memo(function LineHalf(props: LineHalfProps) {
  const { line, side, tokens, changed, isChosen, measures, numbers } = props;
  const styles = useStyles(lineSheet);
  const number = numberOn(line, side) ?? 0;
  const lineHeight = scaled(measures.lineHeight);
  const width = measures.digits * measures.cell + 6;
  const says = strings.changes.line[line.type](number, visible(line.text) + endOf(line));
  const choose = () => props.onPress(props.path, side, number);
  // The name of the button says more than the numbers that are seen, so it lies below them and holds no text.
  const button = (
    <Pressable
      role="button"
      aria-label={says}
      aria-pressed={isChosen}
      onPress={choose}
      style={({ hovered }: { hovered?: boolean; pressed: boolean }) => [
        StyleSheet.absoluteFill,
        hovered && !measures.isTouch ? styles.gutterHovered : null,
      ]}
    />
  );
  return (
    <View
      style={[
        styles.half,
        styles[line.type],
        props.isDivided ? styles.divided : null,
        isChosen ? styles.chosen : null,
      ]}
    >
      {measures.isTouch ? button : null}
      <View style={measures.isTouch ? null : styles.pointed}>
        {measures.isTouch ? null : button}
        <View style={styles.gutter} pointerEvents="none" aria-hidden>
          {numbers.map((it, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the column before, and the one after
            <NativeText key={index} style={[styles.number, { width, lineHeight }]}>
              {it ?? ""}
            </NativeText>
          ))}
        </View>
      </View>
      <View
        style={styles.code}
        pointerEvents={measures.isTouch ? "none" : "auto"}
        aria-hidden={measures.isTouch}
      >
        <NativeText style={[styles.sign, { width: measures.cell * 2, lineHeight }]} aria-hidden>
          {SIGNS[line.type]}
        </NativeText>
        <View style={styles.text}>
          <CodeText
            tokens={line.isUnended ? [...tokens, { text: endOf(line), kind: "comment" }] : tokens}
            columns={measures.columns}
            lineHeight={measures.lineHeight}
            showWhitespace={props.showWhitespace}
            changed={changed}
            {...(line.type === "context" ? {} : { side: line.type })}
          />
        </View>
      </View>
    </View>
  );
});

/** The numbers that stand before a line in one column. */
export const numbersBefore = (line: DiffLine, hasBoth: boolean): (number | null)[] =>
  hasBoth ? [line.oldLine, line.newLine] : [numberOn(line, sideOf(line))];
