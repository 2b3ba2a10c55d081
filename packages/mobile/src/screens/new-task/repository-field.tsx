import { useMemo, useState } from "react";
import { StyleSheet, View } from "react-native";
import { useTaskList } from "../../data/server.tsx";
import { repositoryName } from "../../format/repository.ts";
import { Icon } from "../../icons/icon.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../../theme/tokens.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Pressable } from "../../ui/pressable.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { recentRepositories } from "../tasks/arrange.ts";

const { newTask: words } = strings;

/** The repository: one of those that were used before, or an address. */
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

function RepositorySheet({
  value,
  onClose,
  onChosen,
}: {
  value: string;
  onClose: () => void;
  onChosen: (address: string) => void;
}) {
  const { tasks } = useTaskList();
  const [search, setSearch] = useState("");
  const recents = useMemo(() => recentRepositories(tasks), [tasks]);
  const typed = search.trim();
  const found = recents.filter((address) => address.toLowerCase().includes(typed.toLowerCase()));
  const isNew = typed !== "" && !recents.includes(typed);
  return (
    <Sheet title={words.chooseRepository} isOpen onClose={onClose}>
      <TextField
        label={words.repositorySearch}
        hint={words.repositoryHint}
        value={search}
        onChangeText={setSearch}
        onSubmitEditing={() => typed !== "" && onChosen(found.length === 1 && found[0] ? found[0] : typed)}
        autoFocus
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
        testID="repository-search"
      />
      {isNew ? (
        <ListGroup>
          <ListRow
            title={words.use(typed)}
            icon="link"
            onPress={() => onChosen(typed)}
            testID="use-repository"
          />
        </ListGroup>
      ) : null}
      {found.length > 0 ? (
        <ListGroup title={words.recents} isChoice>
          {found.map((address) => (
            <ListRow
              key={address}
              title={repositoryName(address)}
              detail={address}
              choice={{ isChosen: address === value }}
              onPress={() => onChosen(address)}
            />
          ))}
        </ListGroup>
      ) : recents.length === 0 ? (
        <Text variant="small" color="soft">
          {words.noRecents}
        </Text>
      ) : null}
    </Sheet>
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
