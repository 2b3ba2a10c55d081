import type { ReactNode } from "react";
import {
  type TextProps as NativeProps,
  Text as NativeText,
  type StyleProp,
  type TextStyle,
} from "react-native";
import { font, MONO } from "../theme/font.ts";
import { useTheme } from "../theme/theme.tsx";
import type { Palette, TypeName } from "../theme/tokens.ts";

export interface TextProps extends Omit<NativeProps, "style"> {
  children?: ReactNode;
  variant?: TypeName;
  color?: keyof Palette;
  isMono?: boolean;
  /** Makes it a heading for screen readers, of that level. */
  heading?: 1 | 2 | 3;
  style?: StyleProp<TextStyle>;
}

/** All text of the app. It grows with the reader's own text size. */
export function Text({ variant = "body", color = "text", isMono, heading, style, ...props }: TextProps) {
  const { colors } = useTheme();
  const level = heading ? { role: "heading" as const, "aria-level": heading } : {};
  return (
    <NativeText
      {...level}
      {...props}
      style={[font(variant), { color: colors[color] }, isMono ? { fontFamily: MONO } : null, style]}
    />
  );
}
