import type { ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";

/** A part of a sheet under its name, with what can be done with it at its end. */
export function Part({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) {
  return (
    <View style={styles.part}>
      <View style={styles.head}>
        <Text variant="tiny" color="soft" heading={3} style={styles.title}>
          {title}
        </Text>
        {end}
      </View>
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.xs },
  head: { flexDirection: "row", alignItems: "center", minHeight: 24 },
  title: { flex: 1, textTransform: "uppercase", letterSpacing: 0.5 },
});
