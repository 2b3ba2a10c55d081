import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { strings } from "../strings/strings.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { Text } from "./text.tsx";

/** The first thing that Tab comes to: leads past the list, to what the page is about. Seen only then. */
export function SkipLink() {
  const styles = useStyles(sheet);
  const [isFocused, setFocused] = useState(false);
  return (
    // All of a page belongs to some landmark, for whoever goes from one to the next.
    <View role="navigation" aria-label={strings.common.skipToContent} style={styles.place}>
      <Pressable
        role="link"
        onPress={focusMain}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        style={[styles.link, isFocused ? null : styles.unseen]}
      >
        <Text variant="label" color="onAccent">
          {strings.common.skipToContent}
        </Text>
      </Pressable>
    </View>
  );
}

/** Screens below others stay in the page, unseen: the one that is seen has a size. */
function focusMain(): void {
  const mains = [...document.querySelectorAll<HTMLElement>('main, [role="main"]')];
  const main = mains.find((it) => it.offsetParent !== null && it.getBoundingClientRect().width > 0);
  if (!main) return;
  // It can be focused by this alone, and is no stop of Tab's.
  main.tabIndex = -1;
  main.focus();
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { position: "absolute", top: 0, left: 0, right: 0, height: 0, zIndex: 10 },
    link: {
      position: "absolute",
      top: space.s,
      left: space.s,
      justifyContent: "center",
      paddingHorizontal: space.l,
      borderRadius: radius.m,
      backgroundColor: colors.accent,
    },
    // Off the page: what is hidden altogether cannot be focused.
    unseen: { top: -100 },
  });
