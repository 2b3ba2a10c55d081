import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { strings } from "../strings/strings.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, space, TARGET } from "../theme/tokens.ts";
import { IconButton } from "./icon-button.tsx";
import { Text } from "./text.tsx";

export interface HeaderProps {
  title: string;
  /** A line below the title. */
  subtitle?: ReactNode;
  onBack?: (() => void) | undefined;
  /** Buttons at its end. */
  actions?: ReactNode;
  /** Below the title: tabs, a search field. */
  children?: ReactNode;
}

export function Header({ title, subtitle, onBack, actions, children }: HeaderProps) {
  const styles = useStyles(sheet);
  const { top } = useSafeAreaInsets();
  return (
    <View style={[styles.header, { paddingTop: top + space.s }]}>
      <View style={styles.row}>
        {onBack ? <IconButton icon="back" label={strings.common.back} onPress={onBack} /> : null}
        <View style={[styles.titles, onBack ? null : styles.withoutBack]}>
          <Text variant="heading" heading={1} numberOfLines={1}>
            {title}
          </Text>
          {typeof subtitle === "string" ? (
            <Text variant="small" color="soft" numberOfLines={1}>
              {subtitle}
            </Text>
          ) : (
            subtitle
          )}
        </View>
        {actions}
      </View>
      {children}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    header: {
      backgroundColor: colors.surface,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
      paddingHorizontal: space.xs,
      paddingBottom: space.xs,
    },
    row: { flexDirection: "row", alignItems: "center", minHeight: TARGET, gap: space.xs },
    titles: { flex: 1, minWidth: 0 },
    withoutBack: { paddingLeft: space.m },
  });
