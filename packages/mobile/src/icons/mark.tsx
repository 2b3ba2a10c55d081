import { View } from "react-native";
import { useTheme } from "../theme/theme.tsx";
import { MarkShape } from "./mark-shape";

/** The app's mark on its tile. */
export function Mark({ size = 56 }: { size?: number }) {
  const { colors } = useTheme();
  return (
    <View
      aria-hidden
      style={{ width: size, height: size, borderRadius: size / 4, backgroundColor: colors.accent }}
    >
      <MarkShape size={size} color={colors.onAccent} />
    </View>
  );
}
