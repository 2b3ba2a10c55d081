import { useRef } from "react";
import { StyleSheet, type TextInput, View } from "react-native";
import { useShortcut } from "../../../shortcuts/shortcuts.tsx";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, space } from "../../../theme/tokens.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { MOST_HITS } from "./find.ts";

/** Looks for a text in the file that is open. */
export function FindBar({
  wanted,
  onWanted,
  at,
  count,
  onStep,
  onClose,
}: {
  wanted: string;
  onWanted: (wanted: string) => void;
  /** Number of the place that one is at, from 0. */
  at: number;
  count: number;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}) {
  const styles = useStyles(sheet);
  const field = useRef<TextInput>(null);
  useShortcut("find", () => field.current?.focus());
  useShortcut("close", onClose);
  const place = count === MOST_HITS ? strings.files.findMany : strings.files.findCount;
  return (
    <View style={styles.bar} role="toolbar" aria-label={strings.files.find}>
      <View style={styles.field}>
        <TextField
          ref={field}
          label={strings.files.findField}
          isLabelHidden
          placeholder={strings.files.findField}
          value={wanted}
          onChangeText={onWanted}
          onSubmitEditing={() => onStep(1)}
          submitBehavior="submit"
          autoFocus
          autoCapitalize="none"
          autoCorrect={false}
          testID="find-text"
        />
      </View>
      <Text variant="small" color="soft" role="status" style={styles.count}>
        {wanted === "" ? "" : place(count === 0 ? 0 : at + 1, count)}
      </Text>
      <IconButton
        icon="chevron-up"
        label={strings.files.findPrevious}
        disabled={count === 0}
        onPress={() => onStep(-1)}
      />
      <IconButton
        icon="chevron-down"
        label={strings.files.findNext}
        disabled={count === 0}
        onPress={() => onStep(1)}
      />
      <IconButton icon="close" label={strings.common.close} onPress={onClose} />
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    bar: {
      flexDirection: "row",
      alignItems: "center",
      paddingLeft: space.s,
      paddingVertical: space.xs,
      backgroundColor: colors.surface,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
    },
    field: { flex: 1, minWidth: 0 },
    count: { paddingHorizontal: space.s },
  });
