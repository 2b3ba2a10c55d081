import { Fragment, memo } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { highlight, TOKEN_COLORS } from "../../../../code/highlight.ts";
import { languageNamed } from "../../../../code/languages.ts";
import { strings } from "../../../../strings/strings.ts";
import { useStyles } from "../../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { CopyButton } from "../copy-button.tsx";

/** Longer code is shown plain, in characters: it is coloured anew while it streams, and no colours are worth a page that stutters. */
const MOST = 30_000;

/** Code with its language, its colours and a button that copies it. Long lines scroll sideways. */
export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language: string }) {
  const styles = useStyles(sheet);
  const name = language || strings.chat.code;
  return (
    <View style={styles.box}>
      <View style={styles.head}>
        <Text variant="tiny" color="soft" style={styles.language}>
          {name}
        </Text>
        <CopyButton text={code} label={strings.chat.copyCode} />
      </View>
      <ScrollView
        horizontal
        contentContainerStyle={styles.inside}
        // Who has no pointer scrolls it with the keys.
        {...{ tabIndex: 0, role: "region", "aria-label": strings.chat.codeIn(name) }}
      >
        <Text variant="code" selectable style={styles.pre}>
          {highlight(code, code.length > MOST ? null : languageNamed(language)).map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text have no other name and no state
            <Fragment key={at}>
              {at > 0 ? "\n" : null}
              {line.map(({ text, kind }, index) => (
                <Text
                  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line have no other name and no state
                  key={index}
                  variant="code"
                  color={kind ? TOKEN_COLORS[kind] : "text"}
                  style={styles.pre}
                >
                  {text}
                </Text>
              ))}
            </Fragment>
          ))}
        </Text>
      </ScrollView>
    </View>
  );
});

const sheet = (colors: Palette) =>
  StyleSheet.create({
    box: {
      backgroundColor: colors.sunken,
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: colors.line,
      overflow: "hidden",
    },
    head: {
      flexDirection: "row",
      alignItems: "center",
      paddingLeft: space.m,
      borderBottomWidth: 1,
      borderBottomColor: colors.line,
    },
    language: { flex: 1 },
    inside: { padding: space.m, minWidth: "100%" },
    pre: { whiteSpace: "pre" } as object,
  });
