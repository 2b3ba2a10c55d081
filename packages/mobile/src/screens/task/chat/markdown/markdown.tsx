import { memo, useMemo } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { useStyles, useTheme } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { CodeBlock } from "./code-block.tsx";
import { Inline } from "./inline.tsx";
import { type Block, known, parseMarkdown } from "./parse.ts";

/** An answer of the agent. While it streams, only its last block is drawn anew. */
export const Markdown = memo(function Markdown({
  text,
  isStreaming = false,
}: {
  text: string;
  isStreaming?: boolean;
}) {
  const blocks = useMemo(() => parseMarkdown(text, isStreaming), [text, isStreaming]);
  return <Blocks blocks={blocks} />;
});

function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return (
    <View style={layout.blocks}>
      {blocks
        .filter(({ type }) => type !== "space" && type !== "def")
        .map((block, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end, so that a place is a name
          <BlockView key={index} block={block} />
        ))}
    </View>
  );
}

const BlockView = memo(
  function BlockView({ block }: { block: Block }) {
    const styles = useStyles(sheet);
    const { colors } = useTheme();
    switch (block.type) {
      case "heading":
        return (
          <Text variant={block.depth <= 2 ? "heading" : "label"} heading={2} selectable style={styles.text}>
            <Inline tokens={known(block.tokens)} colors={colors} />
          </Text>
        );
      case "paragraph":
        return (
          <Text selectable style={styles.text}>
            <Inline tokens={known(block.tokens)} colors={colors} />
          </Text>
        );
      case "text":
        return (
          <Text selectable style={styles.text}>
            <Inline tokens={known(block.tokens ?? [block])} colors={colors} />
          </Text>
        );
      case "code":
        return <CodeBlock code={block.text} language={(block.lang ?? "").split(/[\s,{:]/)[0] ?? ""} />;
      case "list":
        return <ListView list={block} />;
      case "blockquote":
        return (
          <View style={styles.quote}>
            <Blocks blocks={known(block.tokens)} />
          </View>
        );
      case "table":
        return <TableView table={block} />;
      case "hr":
        return <View style={styles.rule} />;
      default:
        return (
          <Text selectable style={styles.text}>
            {block.raw.trim()}
          </Text>
        );
    }
  },
  // The same source looks the same, though each parse makes new objects.
  (before, after) => before.block.type === after.block.type && before.block.raw === after.block.raw,
);

type ListBlock = Extract<Block, { type: "list" }>;
type TableBlock = Extract<Block, { type: "table" }>;

function ListView({ list }: { list: ListBlock }) {
  const first = typeof list.start === "number" ? list.start : 1;
  return (
    <View role="list" style={layout.list}>
      {list.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end, so that a place is a name
        <View key={index} role="listitem" style={layout.item}>
          <Text color="soft" style={layout.mark}>
            {item.task ? (item.checked ? "☑" : "☐") : list.ordered ? `${first + index}.` : "•"}
          </Text>
          <View style={layout.grow}>
            <Blocks blocks={known(item.tokens).filter(({ type }) => type !== "checkbox")} />
          </View>
        </View>
      ))}
    </View>
  );
}

function TableView({ table }: { table: TableBlock }) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const row = (cells: TableBlock["header"], isHead: boolean, key: string | number) => (
    <View key={key} role="row" style={[styles.row, isHead ? styles.head : null]}>
      {cells.map((cell, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          key={index}
          variant="small"
          role={(isHead ? "columnheader" : "cell") as "cell"}
          style={[styles.cell, isHead ? styles.bold : null, { textAlign: cell.align ?? "left" }]}
        >
          <Inline tokens={known(cell.tokens)} colors={colors} />
        </Text>
      ))}
    </View>
  );
  return (
    <ScrollView horizontal {...{ tabIndex: 0 }} style={styles.tableBox}>
      <View role={"table" as "list"}>
        {row(table.header, true, "head")}
        {table.rows.map((cells, index) => row(cells, false, index))}
      </View>
    </ScrollView>
  );
}

const layout = StyleSheet.create({
  blocks: { gap: space.m },
  list: { gap: space.xs },
  item: { flexDirection: "row", gap: space.s },
  mark: { minWidth: 18, textAlign: "right" },
  grow: { flex: 1, minWidth: 0 },
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    text: { overflowWrap: "anywhere" } as object,
    quote: { borderLeftWidth: 3, borderLeftColor: colors.line, paddingLeft: space.m },
    rule: { height: 1, backgroundColor: colors.line },
    tableBox: {
      alignSelf: "flex-start",
      maxWidth: "100%",
      borderWidth: 1,
      borderColor: colors.line,
      borderRadius: radius.s,
      flexGrow: 0,
    },
    row: { flexDirection: "row", borderTopWidth: 1, borderTopColor: colors.line },
    head: { backgroundColor: colors.sunken, borderTopWidth: 0 },
    cell: { width: 150, paddingHorizontal: space.s, paddingVertical: space.xs },
    bold: { fontWeight: "700" },
  });
