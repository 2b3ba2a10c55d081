import { Value } from "@farhand/client/app";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { AccessibilityInfo, StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space } from "../theme/tokens.ts";
import { Text } from "./text.tsx";

interface Shown {
  text: string;
  /** The same words twice are two toasts. */
  id: number;
}

const current = new Value<Shown | null>(null);
let last = 0;

/** Places for toasts. A sheet lies over all that the page has, so each brings its own, and the last one shows them. */
const hosts = new Value<readonly symbol[]>([]);

/** Says that something worked. What needs an answer, or must not be missed, is no toast. */
export function toast(text: string): void {
  current.set({ text, id: ++last });
  AccessibilityInfo.announceForAccessibility?.(text);
}

const SHOWN_MS = 3_500;

export function ToastHost() {
  const self = useRef(Symbol("host")).current;
  useEffect(() => {
    hosts.set([...hosts.getSnapshot(), self]);
    return () => hosts.set(hosts.getSnapshot().filter((it) => it !== self));
  }, [self]);
  const isLast = useSyncExternalStore(hosts.subscribe, hosts.getSnapshot, hosts.getSnapshot).at(-1) === self;
  const said = useSyncExternalStore(current.subscribe, current.getSnapshot, current.getSnapshot);
  const shown = isLast ? said : null;
  const styles = useStyles(sheet);
  const { bottom } = useSafeAreaInsets();
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => current.set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <View
      pointerEvents="none"
      role="status"
      aria-live="polite"
      style={[styles.place, { bottom: bottom + 88 }]}
    >
      {shown ? (
        <View style={styles.toast}>
          <Text variant="label" color="page">
            {shown.text}
          </Text>
        </View>
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { position: "absolute", left: space.l, right: space.l, alignItems: "center" },
    toast: {
      backgroundColor: colors.text,
      paddingHorizontal: space.l,
      paddingVertical: space.m,
      borderRadius: radius.m,
      maxWidth: 480,
    },
  });
