import type { TimelineEntry } from "@farhand/client/app";
import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { ListGroup } from "../../../ui/list-row.tsx";
import { Text } from "../../../ui/text.tsx";
import { duration } from "../chat/rows/step-words.ts";

const { details: words } = strings;

/** Entries that are shown at first. */
const FIRST = 12;

/** What happened to the task, the newest first. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const styles = useStyles(sheet);
  const [isWhole, setWhole] = useState(false);
  const newest = entries.toReversed();
  const shown = isWhole ? newest : newest.slice(0, FIRST);
  return (
    <ListGroup title={words.timeline}>
      <View role="list" style={styles.list}>
        {shown.map((entry) => (
          <View key={entry.id} role="listitem" style={styles.entry}>
            <Text variant="small" color="soft" style={styles.time}>
              {timeOf(entry.at)}
            </Text>
            <View style={styles.grow}>
              <Text variant="small">{words.event[entry.type] ?? entry.type}</Text>
              {entry.detail ? (
                <Text variant="small" color="soft" style={styles.detail}>
                  {detailOf(entry.detail)}
                </Text>
              ) : null}
            </View>
            {entry.durationMs === null ? null : (
              <Text variant="small" color="soft">
                {duration(entry.durationMs)}
              </Text>
            )}
          </View>
        ))}
      </View>
      {newest.length > shown.length ? (
        <View style={styles.more}>
          <Button title={words.timelineOlder} kind="quiet" isCompact onPress={() => setWhole(true)} />
        </View>
      ) : null}
    </ListGroup>
  );
}

/** A commit by its first letters, a state by its name. */
function detailOf(detail: string): string {
  if (/^[0-9a-f]{40}$/.test(detail)) return detail.slice(0, 10);
  return (strings.state as Record<string, string>)[detail] ?? detail;
}

const timeOf = (at: string): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const sheet = (colors: Palette) =>
  StyleSheet.create({
    list: { paddingVertical: space.xs },
    entry: {
      flexDirection: "row",
      gap: space.m,
      paddingHorizontal: space.l,
      paddingVertical: 6,
      borderLeftColor: colors.line,
    },
    time: { minWidth: 66, fontVariant: ["tabular-nums"] },
    grow: { flex: 1, minWidth: 0 },
    detail: { overflowWrap: "anywhere" } as object,
    more: { padding: space.m },
  });
