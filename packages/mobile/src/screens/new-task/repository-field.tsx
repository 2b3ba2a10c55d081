import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { repositoryName } from "../../format/repository.ts";
import { Icon } from "../../icons/icon.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../../theme/tokens.ts";
import { Pressable } from "../../ui/pressable.tsx";
import { Text } from "../../ui/text.tsx";
import { RepositorySheet } from "./repository-sheet.tsx";

const { newTask: words } = strings;

/** The repository: one that was used before, one of the forges, or an address. */
export function RepositoryField({ value, onChange }: { value: string; onChange: (address: string) => void }) {
  const styles = useStyles(sheet);
  const [isOpen, setOpen] = useState(false);
  return (
    <View style={styles.outer}>
      <Text variant="label">{words.repository}</Text>
      <Pressable onPress={() => setOpen(true)} testID="repository" style={styles.field}>
        <Icon name="folder" color="soft" />
        <View style={styles.texts}>
          <Text color={value ? "text" : "soft"} numberOfLines={1}>
            {value ? repositoryName(value) : words.chooseRepository}
          </Text>
          {value ? (
            <Text variant="small" color="soft" numberOfLines={1}>
              {value}
            </Text>
          ) : null}
        </View>
        <Icon name="chevron-down" size={18} color="soft" />
      </Pressable>
      {isOpen ? (
        <RepositorySheet
          value={value}
          onClose={() => setOpen(false)}
          onChosen={(address) => {
            setOpen(false);
            onChange(address);
          }}
        />
      ) : null}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    outer: { gap: space.xs },
    field: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.m,
      minHeight: TARGET + 12,
      paddingHorizontal: space.m,
      paddingVertical: space.s,
      backgroundColor: colors.surface,
      borderWidth: 1,
      borderColor: colors.edge,
      borderRadius: radius.m,
    },
    texts: { flex: 1, minWidth: 0 },
  });
