import type { OutboxEntry } from "@farhand/client/app";
import type { Task } from "@farhand/protocol";
import { memo } from "react";
import { StyleSheet, View } from "react-native";
import { dollars } from "../../format/amounts.ts";
import { repositoryName } from "../../format/repository.ts";
import { age } from "../../format/time.ts";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Pill } from "../../ui/pill.tsx";
import { Pressable } from "../../ui/pressable.tsx";
import { SwipeRow } from "../../ui/swipe-row.tsx";
import { Text } from "../../ui/text.tsx";
import { actionsOf, stateOf, type TaskAction, titleOf } from "./standing.ts";
import { ACTION_LOOKS } from "./task-actions-sheet.tsx";

export interface TaskRowProps {
  task: Task;
  now: number;
  pending: readonly OutboxEntry[] | undefined;
  isOpen: boolean;
  onOpen: (task: Task) => void;
  onAction: (task: Task, action: TaskAction) => void;
  onMore: (task: Task) => void;
}

/** A task in the list. Swiping does the first of its actions, the button at its end shows them all. */
export const TaskRow = memo(function TaskRow(props: TaskRowProps) {
  const { task, now, pending, isOpen, onOpen, onAction, onMore } = props;
  const styles = useStyles(sheet);
  const state = stateOf(task);
  const title = titleOf(task);
  const facts = factsOf(task, now);
  const trouble = task.failure?.message ?? task.delayedBy?.message ?? null;
  const [first, ...others] = actionsOf(task);
  const last = others.at(-1) ?? first;
  const swipe = (action: TaskAction | undefined) =>
    action && {
      title: ACTION_LOOKS[action].short,
      icon: ACTION_LOOKS[action].icon,
      onSwipe: () => onAction(task, action),
    };
  return (
    <SwipeRow
      toRight={first === "approve" || first === "retry" ? swipe(first) : undefined}
      toLeft={last === "cancel" ? swipe(first) : swipe(last)}
    >
      <View style={[styles.row, isOpen ? styles.open : null]}>
        <Pressable
          role="link"
          aria-current={isOpen ? "page" : undefined}
          testID={`task-${task.id}`}
          onPress={() => onOpen(task)}
          style={styles.body}
          activeStyle={styles.active}
        >
          <Text numberOfLines={2} style={styles.title}>
            {title}
          </Text>
          <View style={styles.facts}>
            <Pill text={state.text} tone={state.tone} />
            {pending ? <Pill text={strings.tasks.group.unsent} icon="clock" /> : null}
            <Text variant="small" color="soft" numberOfLines={1} style={styles.grow}>
              {facts.join(" · ")}
            </Text>
          </View>
          {trouble ? (
            <Text variant="small" color={state.tone === "danger" ? "danger" : "warn"} numberOfLines={2}>
              {trouble}
            </Text>
          ) : null}
        </Pressable>
        <IconButton
          icon="more"
          color="soft"
          label={strings.tasks.actionsFor(title)}
          onPress={() => onMore(task)}
        />
      </View>
    </SwipeRow>
  );
});

function factsOf(task: Task, now: number): string[] {
  return [
    repositoryName(task.repository),
    age(task.updatedAt, now),
    ...(task.turn > 1 ? [strings.tasks.turn(task.turn)] : []),
    ...(task.filesChanged ? [strings.tasks.files(task.filesChanged)] : []),
    ...(task.costUsd > 0 ? [dollars(task.costUsd)] : []),
  ];
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: {
      flexDirection: "row",
      alignItems: "center",
      backgroundColor: colors.surface,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
      paddingRight: space.xs,
    },
    open: { backgroundColor: colors.accentSoft },
    body: {
      flex: 1,
      minWidth: 0,
      gap: space.xs,
      paddingLeft: space.l,
      paddingVertical: space.m,
    },
    active: { backgroundColor: colors.raised },
    title: { fontWeight: "600" },
    facts: { flexDirection: "row", alignItems: "center", gap: space.s },
    grow: { flex: 1, minWidth: 0 },
  });
