import { useTheme } from "../theme/theme.tsx";
import type { Palette } from "../theme/tokens.ts";
import { Shape } from "./icon-shape";
import { ICONS, type IconName } from "./paths.ts";

/** A picture beside words, or in a button that has a label: by itself it says nothing to a screen reader. */
export function Icon({
  name,
  size = 20,
  color = "text",
}: {
  name: IconName;
  size?: number;
  color?: keyof Palette;
}) {
  const { colors } = useTheme();
  return <Shape paths={ICONS[name]} size={size} color={colors[color]} />;
}
