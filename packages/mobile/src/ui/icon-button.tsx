import { StyleSheet } from "react-native";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/paths.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius } from "../theme/tokens.ts";
import { Pressable, type PressableProps } from "./pressable.tsx";

export interface IconButtonProps extends Pick<PressableProps, "onPress" | "disabled" | "testID"> {
  icon: IconName;
  /** What it does: there is no text to say it. */
  label: string;
  color?: keyof Palette;
  size?: number;
  /** For one that stays pressed. */
  isOn?: boolean;
}

export function IconButton({ icon, label, color = "text", size = 22, isOn, ...props }: IconButtonProps) {
  const styles = useStyles(sheet);
  return (
    <Pressable
      {...props}
      label={label}
      {...(isOn === undefined ? {} : { "aria-pressed": isOn })}
      style={[styles.base, isOn ? styles.on : null]}
      activeStyle={styles.active}
    >
      <Icon name={icon} size={size} color={color} />
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    base: { alignItems: "center", justifyContent: "center", borderRadius: radius.m },
    active: { backgroundColor: colors.raised },
    on: { backgroundColor: colors.accentSoft },
  });
