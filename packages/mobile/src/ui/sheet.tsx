import type { ReactNode } from "react";
import { Modal, Platform, ScrollView, StyleSheet, useWindowDimensions, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { strings } from "../strings/strings.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space, WIDE } from "../theme/tokens.ts";
import { IconButton } from "./icon-button.tsx";
import { Pressable } from "./pressable.tsx";
import { Text } from "./text.tsx";
import { ToastHost } from "./toast.tsx";

export interface SheetProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children?: ReactNode;
  /** Below the title; does not scroll. */
  top?: ReactNode;
  /** The children scroll themselves. */
  isFilled?: boolean;
}

/** Comes up from below on phones, and lies in the middle of wide screens. Escape, back and a tap beside it close it. */
export function Sheet({ title, isOpen, onClose, children, top, isFilled = false }: SheetProps) {
  const styles = useStyles(sheet);
  const { bottom } = useSafeAreaInsets();
  const { width, height } = useWindowDimensions();
  const isWide = width >= WIDE;
  const room = { maxHeight: height * (isWide ? 0.8 : 0.88), ...(isFilled ? { height: height * 0.8 } : {}) };
  return (
    <Modal
      visible={isOpen}
      transparent
      animationType={isWide ? "fade" : "slide"}
      onRequestClose={onClose}
      // In browsers the modal is the dialog itself, and has to say what it is called.
      {...{ "aria-label": title }}
      statusBarTranslucent
    >
      <View
        // With the toasts, which may have a button.
        {...(Platform.OS === "web" ? {} : { "aria-modal": true })}
        style={[styles.place, isWide ? styles.middle : styles.lower]}
      >
        <Pressable
          label={strings.common.close}
          onPress={onClose}
          tabIndex={-1}
          aria-hidden
          style={styles.veil}
          activeStyle={null}
        />
        <View
          style={[
            styles.sheet,
            room,
            isWide ? styles.card : styles.drawer,
            { paddingBottom: bottom + space.s },
          ]}
        >
          <View style={styles.head}>
            <Text variant="heading" heading={2} numberOfLines={2} style={styles.title}>
              {title}
            </Text>
            <IconButton icon="close" label={strings.common.close} onPress={onClose} />
          </View>
          {top}
          {isFilled ? (
            children
          ) : (
            <ScrollView
              style={styles.scroll}
              contentContainerStyle={styles.content}
              keyboardShouldPersistTaps="handled"
              // As in `Screen`: who has no pointer scrolls it with the arrow keys.
              tabIndex={0}
            >
              {children}
            </ScrollView>
          )}
        </View>
        <ToastHost />
      </View>
    </Modal>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1 },
    middle: { justifyContent: "center", alignItems: "center", padding: space.xl },
    lower: { justifyContent: "flex-end" },
    veil: { ...StyleSheet.absoluteFill, backgroundColor: colors.veil },
    sheet: { backgroundColor: colors.page, width: "100%" },
    card: { maxWidth: 520, borderRadius: radius.l },
    drawer: { borderTopLeftRadius: radius.l, borderTopRightRadius: radius.l },
    head: {
      flexDirection: "row",
      alignItems: "center",
      paddingLeft: space.l,
      paddingRight: space.xs,
      paddingTop: space.s,
    },
    title: { flex: 1 },
    scroll: { flexGrow: 0 },
    content: { padding: space.l, gap: space.l },
  });
