import { type ChatRow, isDiscarded, type TaskView } from "@farhand/client/app";
import { LegendList, type LegendListRef } from "@legendapp/list/react-native";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type NativeScrollEvent, type NativeSyntheticEvent, StyleSheet, View } from "react-native";
import { Icon } from "../../../icons/icon.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../theme/theme.tsx";
import { type Palette, READING_WIDTH, radius, space } from "../../../theme/tokens.ts";
import { Button } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";
import { newRows } from "./follow/following.ts";
import { useFollowing } from "./follow/use-following.ts";
import { ROW_MARK } from "./order/row-mark.ts";
import { useReadingOrder } from "./order/use-reading-order";
import { olderStart, windowStart } from "./row-window.ts";
import { ChatRowView } from "./rows/chat-row.tsx";
import { useLanding } from "./use-landing.ts";

const { chat: words } = strings;

/** The rows, stuck to the end until the reader scrolls up. Then nothing moves them, and a pill counts what is new. */
export function ChatList({ rows, view }: { rows: readonly ChatRow[]; view: TaskView }) {
  const styles = useStyles(sheet);
  const { scheme } = useTheme();
  const list = useRef<LegendListRef>(null);
  const { following, heard, goAway, toEnd, handProps } = useFollowing(list, rows);
  const [chosen, setChosen] = useState<number | null>(null);
  const start = windowStart(chosen, rows.length);
  if (chosen !== start && rows.length > 0) setChosen(start);
  const shown = useMemo(() => (start === 0 ? rows : rows.slice(start)), [rows, start]);
  useLanding(list, shown, following.isFollowing, goAway);
  const arrange = useReadingOrder(list);
  useEffect(() => {
    if (shown.length > 0) arrange();
  }, [shown, arrange]);
  const scrolled = useCallback(
    (event: NativeSyntheticEvent<NativeScrollEvent>) => {
      heard(event);
      arrange();
    },
    [heard, arrange],
  );
  const { discarded } = view;
  const render = useCallback(
    ({ item }: { item: ChatRow }) => (
      <View style={styles.column} testID={ROW_MARK}>
        <ChatRowView row={item} isDiscarded={"seq" in item && isDiscarded({ discarded } as TaskView, item)} />
      </View>
    ),
    [styles, discarded],
  );
  const isEmpty = rows.length === 0;
  const count = newRows(following, rows);
  const label = count > 0 ? words.newBelow(count) : words.toEnd;
  return (
    <View style={styles.place}>
      {isEmpty ? <EmptyState icon="spark" title={words.empty} /> : null}
      {isEmpty ? null : (
        <LegendList
          ref={list}
          data={shown}
          renderItem={render}
          keyExtractor={keyOf}
          getItemType={kindOf}
          // Rows that are kept mounted do not hear of a new theme or of a roll-back by themselves.
          extraData={`${scheme}${discarded.length}`}
          estimatedItemSize={90}
          initialScrollAtEnd
          alignItemsAtEnd
          maintainScrollAtEnd={following.isFollowing ? { animated: false } : false}
          // However much comes at once: only the reader leaves the end.
          maintainScrollAtEndThreshold={Number.MAX_SAFE_INTEGER}
          maintainVisibleContentPosition={following.isFollowing ? undefined : true}
          onScroll={scrolled}
          {...handProps}
          scrollEventThrottle={16}
          keyboardShouldPersistTaps="handled"
          keyboardDismissMode="interactive"
          role="log"
          aria-label={words.list}
          // Browsers and screen readers would read each token; the announcer says what matters.
          aria-live="off"
          contentContainerStyle={styles.content}
          {...{ tabIndex: 0 }}
          ListHeaderComponent={
            start > 0 ? (
              <View style={styles.older}>
                <Button
                  title={words.showOlder(start)}
                  kind="quiet"
                  isCompact
                  onPress={() => setChosen(olderStart(start))}
                />
              </View>
            ) : null
          }
          onStartReached={() => {
            if (start > 0 && !following.isFollowing) setChosen(olderStart(start));
          }}
          onStartReachedThreshold={0.3}
        />
      )}
      {following.isFollowing || isEmpty ? null : (
        <View style={styles.pillPlace} pointerEvents="box-none">
          <Pressable label={label} onPress={toEnd} style={styles.pill} testID="to-end">
            <Icon name="arrow-down" size={16} color="onAccent" />
            {count > 0 ? (
              <Text variant="label" color="onAccent">
                {label}
              </Text>
            ) : null}
          </Pressable>
        </View>
      )}
    </View>
  );
}

const keyOf = (row: ChatRow): string => row.id;
const kindOf = (row: ChatRow): string => row.kind;

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, minHeight: 0 },
    content: { paddingVertical: space.m },
    column: { width: "100%", maxWidth: READING_WIDTH + 80, alignSelf: "center" },
    older: { alignItems: "center", padding: space.m },
    pillPlace: { position: "absolute", bottom: space.m, left: 0, right: 0, alignItems: "center" },
    pill: {
      flexDirection: "row",
      alignItems: "center",
      justifyContent: "center",
      gap: space.s,
      paddingHorizontal: space.m,
      borderRadius: radius.round,
      backgroundColor: colors.accent,
      boxShadow: `0 2px 8px ${colors.veil}`,
    },
  });
