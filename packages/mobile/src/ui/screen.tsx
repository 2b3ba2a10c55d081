import type { ReactNode } from "react";
import { KeyboardAvoidingView, Platform, ScrollView, StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, READING_WIDTH, space } from "../theme/tokens.ts";
import { Header, type HeaderProps } from "./header.tsx";
import { usePageTitle } from "./page-title";

export interface ScreenProps extends HeaderProps {
  /** Scrolls, and is as wide as text reads well. Without it the children fill the screen and scroll themselves. */
  isForm?: boolean;
  /** Stays at the lower end, above the keyboard. */
  footer?: ReactNode;
  /** Lies above the content, such as a round button. */
  floating?: ReactNode;
  /** Between header and content, at full width. */
  banner?: ReactNode;
  children?: ReactNode;
  /** Below the title in the header. */
  below?: ReactNode;
  /** It stands beside the screen that the person is on, as the list does. */
  isPane?: boolean;
}

export function Screen({
  isForm = false,
  footer,
  floating,
  banner,
  children,
  below,
  isPane = false,
  ...header
}: ScreenProps) {
  const styles = useStyles(sheet);
  const { bottom } = useSafeAreaInsets();
  usePageTitle(isPane ? null : header.title);
  return (
    <KeyboardAvoidingView
      role={isPane ? "navigation" : "main"}
      aria-label={header.title}
      style={styles.screen}
      // Android moves by itself, and browsers too.
      behavior={Platform.OS === "ios" ? "padding" : undefined}
    >
      <Header {...header}>{below}</Header>
      {banner}
      <View style={styles.main}>
        {isForm ? (
          <ScrollView
            style={styles.main}
            contentContainerStyle={[styles.form, { paddingBottom: space.xl + (footer ? 0 : bottom) }]}
            keyboardShouldPersistTaps="handled"
            // Who has no pointer scrolls it with the arrow keys, also where nothing in it can be pressed.
            tabIndex={0}
          >
            {children}
          </ScrollView>
        ) : (
          children
        )}
      </View>
      {footer ? (
        <View style={[styles.footer, { paddingBottom: space.m + bottom }]}>
          <View style={styles.reading}>{footer}</View>
        </View>
      ) : null}
      {floating}
    </KeyboardAvoidingView>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    screen: { flex: 1, backgroundColor: colors.page },
    main: { flex: 1 },
    form: {
      width: "100%",
      maxWidth: READING_WIDTH,
      alignSelf: "center",
      padding: space.l,
      gap: space.l,
    },
    reading: { width: "100%", maxWidth: READING_WIDTH - 2 * space.l, alignSelf: "center" },
    footer: {
      paddingHorizontal: space.l,
      paddingTop: space.m,
      backgroundColor: colors.surface,
      borderTopWidth: 1,
      borderTopColor: colors.line,
    },
  });
