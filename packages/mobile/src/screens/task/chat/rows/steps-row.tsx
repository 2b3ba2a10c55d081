import type { Step, StepsRow, ThinkingStep, ToolStep } from "@farhand/client/app";
import { ActivityIndicator, StyleSheet, View } from "react-native";
import { Icon } from "../../../../icons/icon.tsx";
import { strings } from "../../../../strings/strings.ts";
import { useStyles, useTheme } from "../../../../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../../../../theme/tokens.ts";
import { Pressable } from "../../../../ui/pressable.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useChat, useUnfolded } from "../chat-context.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { duration, stepIcon, stepsTitle, stepVerb } from "./step-words.ts";

/** More than two lines hold on any screen. */
const PREVIEW = 400;

/** Tool calls in a row: one line of its own for one, "12 steps, 3 files" for several. */
export function StepsRowView({ row }: { row: StepsRow }) {
  const styles = useStyles(sheet);
  const [isOpen, toggle] = useUnfolded(row.id);
  const [only] = row.steps;
  if (row.steps.length === 1 && only)
    return (
      <View style={styles.card}>
        <StepLine rowId={row.id} step={only} />
      </View>
    );
  const current = row.steps.findLast(
    (step): step is ToolStep => step.kind === "tool" && step.status === "running",
  );
  const title = stepsTitle(row);
  return (
    <View style={styles.card}>
      <Pressable aria-expanded={isOpen} onPress={toggle} style={styles.line} activeStyle={styles.active}>
        <Mark isRunning={row.isRunning} hasFailed={row.failedCount > 0} icon="list" />
        <View style={styles.grow}>
          <Text variant="small" style={styles.title}>
            {title}
          </Text>
          {current && !isOpen ? (
            <Text variant="code" color="soft" numberOfLines={1}>
              {current.label}
            </Text>
          ) : null}
        </View>
        {row.isRunning ? null : (
          <Text variant="small" color="soft">
            {duration(row.durationMs)}
          </Text>
        )}
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} color="soft" />
      </Pressable>
      {isOpen ? row.steps.map((step) => <StepLine key={step.id} rowId={row.id} step={step} isInner />) : null}
    </View>
  );
}

/** What the agent thought or said between two calls: its beginning, and all of it when it is pressed. */
function ThoughtLine({ step, isInner }: { step: ThinkingStep; isInner: boolean }) {
  const styles = useStyles(sheet);
  const [isOpen, toggle] = useUnfolded(step.id);
  const text = step.text.trim();
  return (
    <View style={isInner ? styles.inner : null}>
      <Pressable aria-expanded={isOpen} onPress={toggle} style={styles.line} activeStyle={styles.active}>
        <Icon name="thought" size={17} color="soft" />
        <Text variant="small" color="soft" numberOfLines={2} style={styles.grow}>
          {isOpen ? strings.chat.thought : text.slice(0, PREVIEW) || strings.chat.thoughtHidden}
        </Text>
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} size={16} color="soft" />
      </Pressable>
      {isOpen ? (
        <View style={styles.thought}>
          {text ? (
            <Markdown text={text} />
          ) : (
            <Text variant="small" color="soft">
              {strings.chat.thoughtHidden}
            </Text>
          )}
        </View>
      ) : null}
    </View>
  );
}

function StepLine({ rowId, step, isInner = false }: { rowId: string; step: Step; isInner?: boolean }) {
  const styles = useStyles(sheet);
  const { openStep } = useChat();
  if (step.kind === "thinking") return <ThoughtLine step={step} isInner={isInner} />;
  const verb = stepVerb(step);
  const hasFailed = step.status === "failed" || step.status === "interrupted";
  return (
    <Pressable
      aria-haspopup="dialog"
      onPress={() => openStep(rowId, step.id)}
      style={[styles.line, isInner ? styles.inner : null]}
      activeStyle={styles.active}
    >
      <Mark isRunning={step.status === "running"} hasFailed={hasFailed} icon={stepIcon(step)} />
      <Text variant="small" style={styles.title}>
        {verb}
      </Text>
      <Text variant="code" color="soft" numberOfLines={1} style={styles.grow}>
        {step.label}
      </Text>
      {hasFailed ? (
        <Text variant="small" color="danger">
          {step.exitCode === null
            ? strings.chat.stepStatus[step.status]
            : strings.chat.exitCode(step.exitCode)}
        </Text>
      ) : null}
      {step.durationMs !== null && !hasFailed ? (
        <Text variant="small" color="soft">
          {duration(step.durationMs)}
        </Text>
      ) : null}
      <Icon name="chevron-right" size={16} color="soft" />
    </Pressable>
  );
}

function Mark({
  isRunning,
  hasFailed,
  icon,
}: {
  isRunning: boolean;
  hasFailed: boolean;
  icon: Parameters<typeof Icon>[0]["name"];
}) {
  const { colors } = useTheme();
  if (isRunning)
    return (
      <ActivityIndicator size="small" color={colors.accent} aria-label={strings.chat.stepStatus.running} />
    );
  return <Icon name={icon} size={17} color={hasFailed ? "danger" : "soft"} />;
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    card: {
      backgroundColor: colors.surface,
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: colors.line,
      overflow: "hidden",
    },
    line: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      minHeight: TARGET,
      paddingHorizontal: space.m,
      paddingVertical: space.xs,
    },
    thought: { paddingHorizontal: space.m, paddingBottom: space.m },
    inner: { borderTopWidth: 1, borderTopColor: colors.line },
    active: { backgroundColor: colors.raised },
    grow: { flex: 1, minWidth: 0 },
    title: { fontWeight: "600" },
  });
