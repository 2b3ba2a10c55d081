import { Value } from "@farhand/client/app";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { AccessibilityInfo, StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { Text } from "./text.tsx";

export interface ToastAction {
  title: string;
  onPress: () => void;
}

interface Shown {
  text: string;
  action: ToastAction | null;
  /** It moves to another place when a sheet opens, and stays no longer for that. */
  untilMs: number;
  /** The same words twice are two toasts. */
  id: number;
}

const current = new Value<Shown | null>(null);
let last = 0;

/** Places for toasts. A sheet lies over all that the page has, so each brings its own, and the last one shows them. */
const hosts = new Value<readonly symbol[]>([]);

/**
 * Says that something worked. What needs an answer, or must not be missed, is no toast.
 * @param action takes it back, for as long as the toast is there
 */
export function toast(text: string, action: ToastAction | null = null): void {
  current.set({ text, action, untilMs: Date.now() + (action ? ACTION_MS : SHOWN_MS), id: ++last });
  AccessibilityInfo.announceForAccessibility?.(action ? `${text}. ${action.title}` : text);
}

const SHOWN_MS = 3_500;
/** Time to read it, to think again and to reach the button. */
export const ACTION_MS = 10_000;

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
    const timer = setTimeout(() => current.set(null), Math.max(0, shown.untilMs - Date.now()));
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <View
      pointerEvents="box-none"
      role="status"
      aria-live="polite"
      style={[styles.place, { bottom: bottom + 88 }]}
    >
      {shown ? (
        <View style={styles.toast} pointerEvents={shown.action ? "auto" : "none"}>
          <Text variant="label" color="page" style={styles.text}>
            {shown.text}
          </Text>
          {shown.action ? <Action {...shown.action} /> : null}
        </View>
      ) : null}
    </View>
  );
}

function Action({ title, onPress }: ToastAction) {
  const styles = useStyles(sheet);
  return (
    <Pressable
      label={title}
      testID="toast-action"
      style={styles.action}
      onPress={() => {
        current.set(null);
        onPress();
      }}
    >
      <Text variant="label" color="page" style={styles.actionText}>
        {title}
      </Text>
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { position: "absolute", left: space.l, right: space.l, alignItems: "center" },
    toast: {
      backgroundColor: colors.text,
      paddingHorizontal: space.l,
      borderRadius: radius.m,
      maxWidth: 480,
      flexDirection: "row",
      alignItems: "center",
      gap: space.m,
    },
    text: { flexShrink: 1, paddingVertical: space.m },
    action: {
      minHeight: TARGET,
      minWidth: TARGET,
      alignItems: "center",
      justifyContent: "center",
      paddingHorizontal: space.s,
    },
    actionText: { textDecorationLine: "underline" },
  });
