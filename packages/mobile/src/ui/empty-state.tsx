import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, space } from "../theme/tokens.ts";
import { Text } from "./text.tsx";

/** Where there is nothing yet: what it would be, and how to begin. */
export function EmptyState({
  icon,
  title,
  text,
  action,
}: {
  icon: IconName;
  title: string;
  text?: string;
  action?: ReactNode;
}) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.place}>
      <View style={styles.icon}>
        <Icon name={icon} size={30} color="accent" />
      </View>
      <Text variant="heading" heading={2} style={styles.text}>
        {title}
      </Text>
      {text ? (
        <Text color="soft" style={styles.text}>
          {text}
        </Text>
      ) : null}
      {action}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flexGrow: 1, alignItems: "center", justifyContent: "center", padding: space.xl, gap: space.m },
    icon: {
      width: 64,
      height: 64,
      borderRadius: 32,
      alignItems: "center",
      justifyContent: "center",
      backgroundColor: colors.accentSoft,
    },
    text: { textAlign: "center", maxWidth: 360 },
  });
