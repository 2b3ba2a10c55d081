import type { TurnEndRow } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { dollars } from "../../../../format/amounts.ts";
import { Icon } from "../../../../icons/icon.tsx";
import type { IconName } from "../../../../icons/paths.ts";
import { strings } from "../../../../strings/strings.ts";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat } from "../chat-context.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { RunAgain } from "./run-again.tsx";
import { duration } from "./step-words.ts";

const { chat: words } = strings;

const LOOKS: Record<TurnEndRow["outcome"], { icon: IconName; ink: keyof Palette }> = {
  finished: { icon: "check", ink: "ok" },
  failed: { icon: "alert", ink: "danger" },
  stopped: { icon: "stop", ink: "warn" },
  cancelled: { icon: "close", ink: "soft" },
};

const HELD_BACK = { icon: "lock", ink: "warn" } as const;

/** How a turn ended: what came of it, what it cost, and what can be done from here. */
export function TurnEndRowView({ row }: { row: TurnEndRow }) {
  const styles = useStyles(sheet);
  const { openMenu } = useChat();
  // The card that follows asks for it, in words that are said once.
  const isHeldBack = row.failure?.code === "approval_needed";
  const { icon, ink } = isHeldBack ? HELD_BACK : LOOKS[row.outcome];
  const cost = row.costUsd > 0 || !row.isCostPartial ? dollars(row.costUsd) : "";
  const facts = [
    duration(row.durationMs),
    cost && row.isCostPartial ? `${words.partCost} ${cost}` : cost,
    row.changes ? words.changed(row.changes.filesChanged, row.changes.insertions, row.changes.deletions) : "",
  ].filter(Boolean);
  return (
    <View style={styles.card}>
      <View style={styles.head}>
        <Icon name={icon} size={18} color={ink} />
        <Text variant="label" color={ink} style={styles.grow} heading={2}>
          {row.title || (isHeldBack ? words.heldBack : words.outcome[row.outcome])}
        </Text>
        <View style={styles.menu}>
          <IconButton
            icon="more"
            size={18}
            color="soft"
            label={words.actions}
            onPress={() => openMenu(row)}
          />
        </View>
      </View>
      {row.summary ? <Markdown text={row.summary} /> : null}
      {isHeldBack && row.title ? <Text color="warn">{words.heldBack}</Text> : null}
      {row.failure && !isHeldBack ? (
        <Text color="danger">{[row.failure.message, row.failure.action].filter(Boolean).join(" ")}</Text>
      ) : null}
      <Text variant="small" color="soft">
        {facts.join(" · ")}
      </Text>
      {row.outcome === "failed" && !isHeldBack ? <RunAgain row={row} /> : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    card: {
      gap: space.s,
      backgroundColor: colors.surface,
      borderRadius: radius.l,
      borderWidth: 1,
      borderColor: colors.line,
      padding: space.m,
    },
    head: { flexDirection: "row", alignItems: "center", gap: space.s },
    grow: { flex: 1, minWidth: 0 },
    menu: { marginVertical: -10, marginRight: -10 },
  });
