import { Platform, type TextStyle } from "react-native";
import { type TypeName, type } from "./tokens.ts";

const isWeb = Platform.OS === "web";

/**
 * A length that follows the reader's own text size: React Native scales `Text` itself (Dynamic Type); in browsers `rem`
 * does.
 */
export const scaled = (points: number): number =>
  isWeb ? (`${points / 16}rem` as unknown as number) : points;

export const MONO = Platform.select({
  ios: "Menlo",
  android: "monospace",
  default: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
});

const SANS = Platform.select<string | undefined>({
  web: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  default: undefined,
});

export function font(name: TypeName): TextStyle {
  const { size, lineHeight, weight } = type[name];
  return {
    fontSize: scaled(size),
    lineHeight: scaled(lineHeight),
    fontWeight: weight,
    fontFamily: name === "code" ? MONO : SANS,
  };
}
