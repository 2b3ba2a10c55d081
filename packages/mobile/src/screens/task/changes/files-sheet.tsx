import { useState } from "react";
import { FlatList, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { strings } from "../../../strings/strings.ts";
import { space } from "../../../theme/tokens.ts";
import { ListRow } from "../../../ui/list-row.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import type { DiffFile } from "./diff-file.ts";
import { FileStats } from "./file-stats.tsx";

/** All files that changed, to jump to one. */
export function FilesSheet({
  files,
  isViewed,
  isOpen,
  onChoose,
  onClose,
}: {
  files: readonly DiffFile[];
  isViewed: (file: DiffFile) => boolean;
  isOpen: boolean;
  onChoose: (file: DiffFile) => void;
  onClose: () => void;
}) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = files.filter(({ path }) => path.toLowerCase().includes(wanted));
  return (
    <Sheet
      title={strings.changes.files}
      isOpen={isOpen}
      onClose={onClose}
      isFilled
      top={
        <View style={{ paddingHorizontal: space.l, paddingBottom: space.s }}>
          <TextField
            label={strings.changes.filter}
            isLabelHidden
            placeholder={strings.changes.filter}
            value={filter}
            onChangeText={setFilter}
            autoCapitalize="none"
            autoCorrect={false}
          />
        </View>
      }
    >
      <FlatList
        data={shown}
        keyExtractor={({ path }) => path}
        keyboardShouldPersistTaps="handled"
        renderItem={({ item: file }) => (
          <ListRow
            title={visible(file.path)}
            isMono
            onPress={() => onChoose(file)}
            end={
              <>
                <FileStats file={file} />
                {isViewed(file) ? (
                  <Text variant="tiny" color="accent">
                    {strings.changes.viewed}
                  </Text>
                ) : null}
              </>
            }
          />
        )}
      />
    </Sheet>
  );
}
