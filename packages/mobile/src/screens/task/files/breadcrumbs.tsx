import { ScrollView, StyleSheet, View } from "react-native";
import { visible } from "../../../code/invisible.ts";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { Pressable } from "../../../ui/pressable.tsx";
import { Text } from "../../../ui/text.tsx";
import { foldersAbove } from "./tree.ts";

/** Where a file lies. A folder leads to it in the tree; the root is the empty path. */
export function Breadcrumbs({ path, onFolder }: { path: string; onFolder: (folder: string) => void }) {
  const styles = useStyles(sheet);
  const nameOf = (folder: string) => visible(folder.slice(folder.lastIndexOf("/") + 1));
  return (
    <ScrollView horizontal showsHorizontalScrollIndicator={false} style={styles.scroll}>
      <View role="navigation" aria-label={strings.files.breadcrumbs} style={styles.crumbs}>
        {["", ...foldersAbove(path)].map((folder) => (
          <View key={folder} style={styles.crumb}>
            <Pressable
              onPress={() => onFolder(folder)}
              role="link"
              style={styles.folder}
              activeStyle={styles.active}
            >
              <Text variant="small" color="accent">
                {folder === "" ? strings.files.root : nameOf(folder)}
              </Text>
            </Pressable>
            <Text variant="small" color="soft" aria-hidden>
              /
            </Text>
          </View>
        ))}
        <Text variant="small" style={styles.file} aria-current={"page" as never}>
          {nameOf(path)}
        </Text>
      </View>
    </ScrollView>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    scroll: { flexGrow: 1, flexShrink: 1, minWidth: 0 },
    crumbs: { flexDirection: "row", alignItems: "center" },
    crumb: { flexDirection: "row", alignItems: "center" },
    folder: {
      justifyContent: "center",
      alignItems: "center",
      paddingHorizontal: space.s,
      borderRadius: radius.s,
    },
    active: { backgroundColor: colors.raised },
    file: { paddingHorizontal: space.s, fontWeight: "600" },
  });
