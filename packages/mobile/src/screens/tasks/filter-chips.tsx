import { ScrollView, StyleSheet, View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Chip } from "../../ui/chip.tsx";
import type { Filter } from "./standing.ts";

const FILTERS: readonly Filter[] = ["all", "needsYou", "working", "done", "archived"];

/** Which tasks are listed. A finger pushes the row along; in a pane, where a mouse could not, it goes on in the next line. */
export function FilterChips({
  value,
  onChange,
  isPane,
}: {
  value: Filter;
  onChange: (filter: Filter) => void;
  isPane: boolean;
}) {
  const chips = (
    <View
      role="radiogroup"
      aria-label={strings.tasks.filters}
      style={[styles.chips, isPane ? styles.wrapping : null]}
    >
      {FILTERS.map((filter) => (
        <Chip
          key={filter}
          title={strings.tasks.filter[filter]}
          isTight={isPane}
          isChosen={filter === value}
          onPress={() => onChange(filter)}
        />
      ))}
    </View>
  );
  if (isPane) return chips;
  return (
    <ScrollView horizontal showsHorizontalScrollIndicator={false}>
      {chips}
    </ScrollView>
  );
}

const styles = StyleSheet.create({
  chips: { flexDirection: "row", gap: space.s },
  wrapping: { flexWrap: "wrap", gap: space.xs },
});
