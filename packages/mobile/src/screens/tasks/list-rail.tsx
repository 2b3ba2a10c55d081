import { StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { IconButton } from "../../ui/icon-button.tsx";

/** What is left of the list where it is hidden: the way back to it, wherever one is. */
export function ListRail({ onShow }: { onShow: () => void }) {
  const styles = useStyles(sheet);
  const { top } = useSafeAreaInsets();
  return (
    <View
      role="navigation"
      aria-label={strings.tasks.title}
      style={[styles.rail, { paddingTop: top + space.xs }]}
    >
      <IconButton icon="panel-left" label={strings.tasks.showList} onPress={onShow} testID="show-list" />
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    rail: {
      paddingHorizontal: space.xs,
      backgroundColor: colors.surface,
      borderRightWidth: 1,
      borderRightColor: colors.line,
    },
  });
