import { StyleSheet } from "react-native";
import { ListRow } from "../../../ui/list-row.tsx";
import { Text } from "../../../ui/text.tsx";

/** A name and its value. */
export const Fact = ({ name, value, isMono = false }: { name: string; value: string; isMono?: boolean }) => (
  <ListRow
    title={name}
    end={
      <Text color="soft" selectable isMono={isMono} variant={isMono ? "code" : "body"} style={styles.value}>
        {value}
      </Text>
    }
  />
);

const styles = StyleSheet.create({
  value: { flexShrink: 1, textAlign: "right", maxWidth: "65%", overflowWrap: "anywhere" } as object,
});
