import { type ReactNode, type Ref, useId, useState } from "react";
import { StyleSheet, TextInput, type TextInputProps, View } from "react-native";
import { font, MONO } from "../theme/font.ts";
import { useStyles, useTheme } from "../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../theme/tokens.ts";
import { Text } from "./text.tsx";

export interface TextFieldProps extends Omit<TextInputProps, "style" | "aria-label" | "placeholder"> {
  label: string;
  /** The label is for screen readers only. */
  isLabelHidden?: boolean;
  /** An example, or what an empty field means. Below the field, since what stands in a field goes when one types. */
  hint?: string | undefined;
  placeholder?: string | undefined;
  error?: string | null | undefined;
  isMono?: boolean;
  /** Inside the field, at its end. */
  end?: ReactNode;
  /** For several lines: how many show at first. */
  lines?: number;
  ref?: Ref<TextInput>;
}

export function TextField(props: TextFieldProps) {
  const { label, isLabelHidden, hint, error, isMono, end, lines, ref, placeholder, ...input } = props;
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const [isFocused, setFocused] = useState(false);
  const id = useId();
  const note = error ?? hint;
  return (
    <View style={styles.field}>
      {isLabelHidden ? null : (
        <Text variant="label" nativeID={`${id}-label`}>
          {label}
        </Text>
      )}
      <View style={[styles.box, isFocused ? styles.focused : null, error ? styles.wrong : null]}>
        <TextInput
          placeholderTextColor={colors.soft}
          {...input}
          ref={ref}
          placeholder={placeholder ?? ""}
          aria-label={label}
          {...(note ? { "aria-describedby": `${id}-note` } : {})}
          {...(error ? { "aria-invalid": true } : {})}
          multiline={lines !== undefined}
          onFocus={(event) => {
            setFocused(true);
            input.onFocus?.(event);
          }}
          onBlur={(event) => {
            setFocused(false);
            input.onBlur?.(event);
          }}
          style={[
            font("body"),
            styles.input,
            lines ? { minHeight: lines * 24 + 2 * space.m, textAlignVertical: "top" } : null,
            isMono ? { fontFamily: MONO } : null,
          ]}
        />
        {end}
      </View>
      {note ? (
        <Text
          variant="small"
          color={error ? "danger" : "soft"}
          nativeID={`${id}-note`}
          {...(error ? { role: "alert" as const } : {})}
        >
          {note}
        </Text>
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    field: { gap: space.xs },
    box: {
      flexDirection: "row",
      alignItems: "center",
      backgroundColor: colors.surface,
      borderWidth: 1,
      borderColor: colors.edge,
      borderRadius: radius.m,
      minHeight: TARGET + 4,
    },
    focused: { borderColor: colors.accent, boxShadow: `0 0 0 1px ${colors.accent}` },
    wrong: { borderColor: colors.danger },
    input: {
      flex: 1,
      minWidth: 0,
      alignSelf: "stretch",
      paddingHorizontal: space.m,
      paddingVertical: space.s,
      color: colors.text,
      // The box shows the focus. Its type knows only the styles that phones have.
      outlineStyle: "none" as "solid",
    },
  });
