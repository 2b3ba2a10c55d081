import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { Icon } from "../../../../icons/icon.tsx";
import type { IconName } from "../../../../icons/paths.ts";
import type { Palette } from "../../../../theme/tokens.ts";
import { space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";

/** Something that happened, in a line of small print. */
export function FactLine({
  icon,
  text,
  detail,
  color = "soft",
  children,
}: {
  icon: IconName;
  text: string;
  detail?: string | undefined;
  color?: keyof Palette;
  children?: ReactNode;
}) {
  return (
    <View style={styles.line}>
      <Icon name={icon} size={16} color={color} />
      <View style={styles.texts}>
        <Text variant="small" color={color}>
          {text}
        </Text>
        {detail ? (
          <Text variant="small" color="soft" style={styles.detail}>
            {detail}
          </Text>
        ) : null}
        {children}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  line: { flexDirection: "row", gap: space.s, paddingVertical: space.xs, alignItems: "flex-start" },
  texts: { flex: 1, minWidth: 0, gap: 2 },
  detail: { overflowWrap: "anywhere" } as object,
});
