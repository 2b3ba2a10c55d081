import { StyleSheet, View } from "react-native";
import { CodeText } from "../../../code/code-text.tsx";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";

/** The last ones are nearest to what is said about them. */
const MOST_LINES = 6;
/** Cells of the typewriter font that fit on the narrowest phones. */
const COLUMNS = 36;

/** The lines that a comment is about. */
export function QuotedLines({ quote }: { quote: string }) {
  const styles = useStyles(sheet);
  return (
    <View style={styles.quote}>
      {quote
        .split("\n")
        .slice(-MOST_LINES)
        .map((line, index) => (
          <CodeText
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place
            key={index}
            tokens={[{ text: line, kind: null }]}
            columns={COLUMNS}
            lineHeight={20}
            showWhitespace={false}
          />
        ))}
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    quote: {
      backgroundColor: colors.sunken,
      borderRadius: radius.m,
      padding: space.s,
      marginRight: space.m,
      overflow: "hidden",
    },
  });
