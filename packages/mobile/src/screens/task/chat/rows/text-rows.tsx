import type { AssistantRow, PreparingRow, ThinkingRow, UserRow } from "@farhand/client/app";
import { ActivityIndicator, Platform, StyleSheet, View } from "react-native";
import { Icon } from "../../../../icons/icon.tsx";
import { strings } from "../../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../../theme/theme.tsx";
import { type Palette, space } from "../../../../theme/tokens.ts";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Pressable } from "../../../../ui/pressable.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat, useUnfolded } from "../chat-context.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { Bubble } from "./bubble.tsx";

const { chat: words } = strings;

export function UserRowView({ row }: { row: UserRow }) {
  const { openMenu } = useChat();
  const author = row.isRetry ? words.retried : row.role === "steering" ? words.steering : words.you;
  return (
    <Bubble author={author} text={row.text} attachments={row.attachments} onMenu={() => openMenu(row)} />
  );
}

/** An answer, with a button for what can be done with it. */
export function AssistantRowView({ row }: { row: AssistantRow }) {
  const styles = useStyles(sheet);
  const { openMenu } = useChat();
  return (
    <View style={styles.answer}>
      <View style={styles.grow}>
        <Markdown text={row.text} isStreaming={row.isStreaming} />
      </View>
      <View style={styles.menu}>
        {row.isStreaming ? null : (
          <IconButton
            icon="more"
            size={18}
            color="soft"
            label={words.actions}
            onPress={() => openMenu(row)}
          />
        )}
      </View>
    </View>
  );
}

/** A thought, folded: most readers want what came of it. */
export function ThinkingRowView({ row }: { row: ThinkingRow }) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const [isOpen, toggle] = useUnfolded(row.id);
  const text = row.text.trim();
  const title = row.isStreaming ? words.thinking : words.thought;
  return (
    <View>
      <Pressable aria-expanded={isOpen} onPress={toggle} style={styles.fold} activeStyle={styles.active}>
        {row.isStreaming ? (
          <ActivityIndicator size="small" color={colors.soft} />
        ) : (
          <Icon name="thought" size={18} color="soft" />
        )}
        <Text variant="small" color="soft" numberOfLines={1} style={styles.grow}>
          {isOpen || !text ? title : `${title}: ${text.replace(/\s+/g, " ").slice(0, 120)}`}
        </Text>
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} color="soft" />
      </Pressable>
      {isOpen ? (
        <Text variant="small" color="soft" selectable style={styles.thought}>
          {text || words.thoughtHidden}
        </Text>
      ) : null}
    </View>
  );
}

/** A tool call on its way: the end of what has come of its input. */
export function PreparingRowView({ row }: { row: PreparingRow }) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const tail = row.input.slice(-80).replace(/\\n/g, " ").replace(/\s+/g, " ");
  return (
    <View style={styles.fold}>
      <ActivityIndicator size="small" color={colors.soft} />
      <Text variant="small" color="soft">
        {words.preparing}
      </Text>
      <Text
        variant="code"
        color="soft"
        numberOfLines={1}
        ellipsizeMode={Platform.OS === "web" ? "tail" : "head"}
        style={styles.grow}
      >
        {tail}
      </Text>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    answer: { flexDirection: "row", gap: space.xs },
    grow: { flex: 1, minWidth: 0 },
    menu: { width: 32, marginRight: -space.s, marginTop: -10, alignItems: "center" },
    fold: { flexDirection: "row", alignItems: "center", gap: space.s, minHeight: 44 },
    active: { backgroundColor: colors.raised },
    thought: { borderLeftWidth: 2, borderLeftColor: colors.line, paddingLeft: space.m, marginLeft: space.s },
  });
