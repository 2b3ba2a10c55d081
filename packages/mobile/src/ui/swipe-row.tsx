import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Animated, PanResponder, StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, space } from "../theme/tokens.ts";
import { Text } from "./text.tsx";

export interface SwipeAction {
  title: string;
  icon: IconName;
  onSwipe: () => void;
}

/** How far a row has to be drawn before letting go does something, in points. */
const ENOUGH = 96;
/** From here on it is a swipe and not an unsteady tap, or scrolling. */
const CLEARLY = 14;

/**
 * A row that can be drawn aside. What a swipe does is there to be pressed as well: swipes are found by chance, and some
 * people cannot make them.
 */
export function SwipeRow({
  toRight,
  toLeft,
  children,
}: {
  toRight?: SwipeAction | undefined;
  toLeft?: SwipeAction | undefined;
  children: ReactNode;
}) {
  const styles = useStyles(sheet);
  const x = useRef(new Animated.Value(0)).current;
  const [side, setSide] = useState<"left" | "right" | null>(null);
  const latest = useRef({ toRight, toLeft });
  latest.current = { toRight, toLeft };

  const responder = useMemo(() => {
    const settle = () => {
      Animated.spring(x, { toValue: 0, bounciness: 0, useNativeDriver: false }).start(() => setSide(null));
    };
    return PanResponder.create({
      onMoveShouldSetPanResponder: (_event, { dx, dy }) =>
        Math.abs(dx) > CLEARLY &&
        Math.abs(dx) > 2 * Math.abs(dy) &&
        (dx > 0 ? latest.current.toRight : latest.current.toLeft) !== undefined,
      onPanResponderTerminationRequest: () => false,
      onPanResponderMove: (_event, { dx }) => {
        const { toRight: right, toLeft: left } = latest.current;
        const allowed = (dx > 0 && right) || (dx < 0 && left) ? dx : 0;
        setSide(allowed > 0 ? "right" : allowed < 0 ? "left" : null);
        // Beyond what is enough it follows the finger at half its pace.
        const beyond = Math.max(0, Math.abs(allowed) - ENOUGH);
        x.setValue(Math.sign(allowed) * (Math.abs(allowed) - beyond / 2));
      },
      onPanResponderRelease: (_event, { dx }) => {
        if (dx > ENOUGH) latest.current.toRight?.onSwipe();
        else if (dx < -ENOUGH) latest.current.toLeft?.onSwipe();
        settle();
      },
      onPanResponderTerminate: settle,
    });
  }, [x]);

  if (!toRight && !toLeft) return <>{children}</>;
  const shown = side === "right" ? toRight : side === "left" ? toLeft : undefined;
  return (
    <View style={styles.frame} {...responder.panHandlers}>
      {shown ? (
        <View aria-hidden style={[styles.under, side === "right" ? styles.start : styles.end]}>
          <Icon name={shown.icon} color="onAccent" />
          <Text variant="label" color="onAccent">
            {shown.title}
          </Text>
        </View>
      ) : null}
      <Drawn by={x}>{children}</Drawn>
    </View>
  );
}

/**
 * What is drawn aside. No `Animated.View`: on the web each of its renders stays attached to the value for ever, with all that
 * it drew (`AnimatedProps` of react-native-web 0.21 attaches twice and detaches once), and rows of a busy list are drawn
 * thousands of times.
 */
function Drawn({ by, children }: { by: Animated.Value; children: ReactNode }) {
  const [translateX, setX] = useState(0);
  useEffect(() => {
    const id = by.addListener(({ value }) => setX(value));
    return () => by.removeListener(id);
  }, [by]);
  return <View style={translateX === 0 ? null : { transform: [{ translateX }] }}>{children}</View>;
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    frame: { overflow: "hidden", touchAction: "pan-y", userSelect: "none" } as object,
    under: {
      ...StyleSheet.absoluteFill,
      backgroundColor: colors.accent,
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      paddingHorizontal: space.l,
    },
    start: { justifyContent: "flex-start" },
    end: { justifyContent: "flex-end" },
  });
