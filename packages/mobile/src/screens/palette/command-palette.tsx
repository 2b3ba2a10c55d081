import { useRouter } from "expo-router";
import { useEffect, useId, useState } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { scrollTo } from "../../platform/scroll-to";
import { SHORTCUTS, type Shortcut } from "../../shortcuts/keys.ts";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { type Entry, useEntries } from "./entries.ts";
import { Option } from "./option.tsx";

/** Everything that can be gone to and done, found by typing. Also hears the shortcuts that hold everywhere. */
export function CommandPalette() {
  const [mode, setMode] = useState<"closed" | "palette" | "help">("closed");
  const router = useRouter();
  useShortcut("palette", () => setMode("palette"));
  useShortcut("help", () => setMode("help"));
  useShortcut("newTask", () => router.navigate("/new"));
  useShortcut("settings", () => router.navigate("/settings"));
  const close = () => setMode("closed");
  if (mode === "help") return <ShortcutHelp onClose={close} />;
  return mode === "palette" ? <OpenPalette onClose={close} /> : null;
}

function OpenPalette({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(search);
  const chosen = entries[Math.min(at, entries.length - 1)];
  const list = useId();
  const optionId = (entry: Entry) => `${list}-${entry.id}`;
  const chosenId = chosen ? optionId(chosen) : null;
  useEffect(() => {
    if (chosenId !== null) scrollTo(chosenId);
  }, [chosenId]);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  return (
    <Sheet
      title={strings.palette.title}
      isOpen
      onClose={onClose}
      isFilled
      top={
        <View style={styles.field}>
          <TextField
            label={strings.palette.search}
            isLabelHidden
            placeholder={strings.palette.search}
            autoFocus
            // A field that says which of the options Enter takes, while the focus stays in it.
            role="combobox"
            {...{ "aria-autocomplete": "list", "aria-expanded": entries.length > 0 }}
            {...(chosenId === null ? {} : { "aria-controls": list, "aria-activedescendant": chosenId })}
            value={search}
            onChangeText={(text) => {
              setSearch(text);
              setAt(0);
            }}
            onKeyPress={(event) => {
              const { key } = event.nativeEvent;
              const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
              if (step === 0 || entries.length === 0) return;
              // Else the cursor goes to an end of the text.
              event.preventDefault();
              setAt((before) => (before + step + entries.length) % entries.length);
            }}
            onSubmitEditing={() => run(chosen)}
            autoCapitalize="none"
            autoCorrect={false}
          />
        </View>
      }
    >
      <ScrollView keyboardShouldPersistTaps="handled">
        {entries.length === 0 ? (
          <Text color="soft" role="status" style={styles.empty}>
            {strings.palette.empty}
          </Text>
        ) : (
          // Browsers know it; React Native's types do not.
          <View role={"listbox" as "list"} id={list} aria-label={strings.palette.title}>
            {entries.map((entry) => (
              <Option
                key={entry.id}
                id={optionId(entry)}
                entry={entry}
                isSelected={entry === chosen}
                onRun={() => run(entry)}
              />
            ))}
          </View>
        )}
      </ScrollView>
    </Sheet>
  );
}

function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  return (
    <Sheet title={strings.settings.shortcuts} isOpen onClose={onClose}>
      {names.map((name) => (
        <ListRow
          key={name}
          title={strings.shortcut[name]}
          end={
            <Text isMono variant="small" color="soft">
              {SHORTCUTS[name].shown}
            </Text>
          }
        />
      ))}
    </Sheet>
  );
}

const styles = StyleSheet.create({
  field: { paddingHorizontal: space.l, paddingVertical: space.s },
  empty: { padding: space.l, textAlign: "center" },
});
