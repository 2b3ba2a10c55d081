import { StyleSheet, View } from "react-native";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius } from "../theme/tokens.ts";
import { Pressable } from "./pressable.tsx";
import { ROW } from "./row-style.ts";
import { Text } from "./text.tsx";

/** Something that is on or off. The whole row can be pressed. */
export function SwitchRow({
  title,
  detail,
  isOn,
  isDisabled = false,
  onChange,
}: {
  title: string;
  detail?: string | undefined;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const styles = useStyles(sheet);
  return (
    <Pressable
      role="switch"
      aria-checked={isOn}
      disabled={isDisabled}
      onPress={() => onChange(!isOn)}
      style={styles.row}
      activeStyle={styles.active}
    >
      <View style={styles.texts}>
        <Text>{title}</Text>
        {detail ? (
          <Text variant="small" color="soft">
            {detail}
          </Text>
        ) : null}
      </View>
      <View style={[styles.track, isOn ? styles.on : null]}>
        <View style={[styles.knob, isOn ? styles.knobOn : null]} />
      </View>
    </Pressable>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    row: ROW,
    active: { backgroundColor: colors.raised },
    texts: { flex: 1, minWidth: 0 },
    track: {
      width: 44,
      height: 26,
      borderRadius: radius.round,
      backgroundColor: colors.sunken,
      borderWidth: 1,
      borderColor: colors.edge,
      padding: 3,
    },
    on: { backgroundColor: colors.accent, borderColor: colors.accent },
    knob: { width: 18, height: 18, borderRadius: 9, backgroundColor: colors.edge },
    knobOn: { backgroundColor: colors.onAccent, alignSelf: "flex-end" },
  });
