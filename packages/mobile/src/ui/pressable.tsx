import { type ReactNode, useState } from "react";
import {
  Pressable as NativePressable,
  type PressableProps as NativeProps,
  type StyleProp,
  type ViewStyle,
} from "react-native";
import { useTheme } from "../theme/theme.tsx";
import { type Palette, TARGET } from "../theme/tokens.ts";

export interface PressableProps extends Omit<NativeProps, "style" | "children" | "aria-label"> {
  /** Said by screen readers; what it does, not what it looks like. Left out where the text inside says it. */
  label?: string | undefined;
  style?: StyleProp<ViewStyle>;
  /** Its colour while a pointer is over it or a finger on it. */
  activeStyle?: StyleProp<ViewStyle>;
  children?: ReactNode;
}

/** What can be pressed: at least 44 points high, with a ring when the keyboard is on it. */
export function Pressable({ label, style, activeStyle, role = "button", ...props }: PressableProps) {
  const { colors } = useTheme();
  const [isFocused, setFocused] = useState(false);
  const [isHovered, setHovered] = useState(false);
  return (
    <NativePressable
      role={role}
      aria-label={label}
      {...props}
      onHoverIn={() => setHovered(true)}
      onHoverOut={() => setHovered(false)}
      onFocus={(event) => {
        setFocused(isKeyboardFocus(event));
        props.onFocus?.(event);
      }}
      onBlur={(event) => {
        setFocused(false);
        props.onBlur?.(event);
      }}
      style={({ pressed }) => [
        { minHeight: TARGET, minWidth: TARGET },
        style,
        (pressed || isHovered) && !props.disabled ? (activeStyle ?? ring(pressed, colors)) : null,
        isFocused
          ? { outlineStyle: "solid", outlineWidth: 3, outlineColor: colors.accent, outlineOffset: -3 }
          : { outlineWidth: 0 },
        props.disabled ? { opacity: 0.5 } : null,
      ]}
    />
  );
}

/** A rim, and no paler text: what one points at has to stay as readable as it was. */
const ring = (isPressed: boolean, { accent, edge }: Palette): ViewStyle => ({
  boxShadow: `0 0 0 ${isPressed ? 3 : 1.5}px ${isPressed ? accent : edge}`,
});

/** Whether it was the keyboard that brought the focus here, as far as the platform tells. */
function isKeyboardFocus(event: unknown): boolean {
  const target = (event as { target?: { matches?: (selector: string) => boolean } } | undefined)?.target;
  return typeof target?.matches === "function" ? target.matches(":focus-visible") : true;
}
