import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { ROW } from "./row-style.ts";
import { Text } from "./text.tsx";

export interface ListRowProps {
  title: string;
  detail?: string | undefined;
  icon?: IconName;
  /** At its end, such as a state. */
  end?: ReactNode;
  onPress?: (() => void) | undefined;
  /** One of several to choose from. */
  choice?: { isChosen: boolean };
  isDanger?: boolean;
  isMono?: boolean;
  /** In place of what its texts say. */
  label?: string;
  testID?: string;
}

export function ListRow(props: ListRowProps) {
  const { title, detail, icon, end, onPress, choice, isDanger = false } = props;
  const styles = useStyles(sheet);
  const body = (
    <>
      {icon ? <Icon name={icon} color={isDanger ? "danger" : "soft"} /> : null}
      <View style={styles.texts}>
        <Text color={isDanger ? "danger" : "text"} isMono={props.isMono === true} style={styles.breaking}>
          {title}
        </Text>
        {detail ? (
          <Text variant="small" color="soft" style={styles.breaking}>
            {detail}
          </Text>
        ) : null}
      </View>
      {end}
      {choice ? (
        <Icon name={choice.isChosen ? "check" : "minus"} color={choice.isChosen ? "accent" : "surface"} />
      ) : onPress && !end ? (
        <Icon name="chevron-right" size={18} color="soft" />
      ) : null}
    </>
  );
  if (!onPress)
    return (
      <View style={styles.row} testID={props.testID}>
        {body}
      </View>
    );
  return (
    <Pressable
      label={props.label}
      testID={props.testID}
      onPress={onPress}
      style={styles.row}
      activeStyle={styles.active}
      {...(choice ? { role: "radio" as const, "aria-checked": choice.isChosen } : {})}
    >
      {body}
    </Pressable>
  );
}

/** Rows that belong together, on one card. */
export function ListGroup({
  title,
  children,
  isChoice = false,
}: {
  title?: string;
  children: ReactNode;
  /** Its rows are a choice of one. */
  isChoice?: boolean;
}) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.outer} {...(isChoice ? { role: "radiogroup" as const, "aria-label": title } : {})}>
      {title ? (
        <Text variant="tiny" color="soft" heading={2} style={styles.groupTitle}>
          {title}
        </Text>
      ) : null}
      <View style={styles.group}>{children}</View>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: ROW,
    active: { backgroundColor: colors.raised },
    texts: { flex: 1, minWidth: 0, gap: 2 },
    breaking: { overflowWrap: "anywhere" } as object,
    outer: { gap: space.s },
    groupTitle: { paddingHorizontal: space.xs, textTransform: "uppercase", letterSpacing: 0.5 },
    group: {
      backgroundColor: colors.surface,
      borderRadius: radius.l,
      borderWidth: 1,
      borderColor: colors.line,
      overflow: "hidden",
    },
  });
