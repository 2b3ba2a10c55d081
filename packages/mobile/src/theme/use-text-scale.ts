import { Platform, useWindowDimensions } from "react-native";

/** How much larger than usual the reader wants text, for heights that have to be known before anything is drawn. */
export function useTextScale(): number {
  const { fontScale } = useWindowDimensions();
  if (Platform.OS !== "web") return fontScale;
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Number.isFinite(size) && size > 0 ? size / 16 : 1;
}
