import { Fragment, type ReactNode } from "react";
import type { TextStyle } from "react-native";
import { openUrl } from "../../../../platform/open-url";
import type { Palette } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { type Block, decoded, known } from "./parse.ts";
import { hiddenHost, safeLink } from "./safe-link.ts";

const STYLES: Record<"strong" | "em" | "del", TextStyle> = {
  strong: { fontWeight: "700" },
  em: { fontStyle: "italic" },
  del: { textDecorationLine: "line-through" },
};

/** What stands in a line. `colors` are those of the theme. */
export function Inline({ tokens, colors }: { tokens: readonly Block[]; colors: Palette }): ReactNode {
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end, so that a place is a name
    <Fragment key={index}>{piece(token, colors)}</Fragment>
  ));
}

function piece(token: Block, colors: Palette): ReactNode {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return (
        <Text style={[inherited, STYLES[token.type]]}>
          <Inline tokens={known(token.tokens)} colors={colors} />
        </Text>
      );
    case "codespan":
      return (
        <Text variant="code" style={{ backgroundColor: colors.sunken, overflowWrap: "anywhere" } as object}>
          {token.text}
        </Text>
      );
    case "link":
      return <Link href={token.href} text={token.text} tokens={known(token.tokens)} colors={colors} />;
    case "image":
      // A picture from anywhere would tell its host who reads this: it is a link.
      return <Link href={token.href} text={token.text || token.href} tokens={[]} colors={colors} />;
    case "br":
      return "\n";
    case "escape":
      return token.text;
    case "text":
      return "tokens" in token && token.tokens ? (
        <Inline tokens={known(token.tokens)} colors={colors} />
      ) : (
        decoded(token.text)
      );
    case "html":
      return /^<br\s*\/?>$/i.test(token.raw.trim()) ? "\n" : token.raw;
    default:
      return token.raw;
  }
}

function Link(props: { href: string; text: string; tokens: readonly Block[]; colors: Palette }) {
  const { href, text, tokens, colors } = props;
  const safe = safeLink(href);
  const words = tokens.length > 0 ? <Inline tokens={tokens} colors={colors} /> : text;
  if (safe === null) return words;
  const host = hiddenHost(safe, text);
  return (
    <>
      <Text
        role="link"
        color="accent"
        style={[inherited, { textDecorationLine: "underline" }]}
        onPress={() => openUrl(safe)}
        {...{ tabIndex: 0 }}
        {...{
          onKeyDown: (event: { key: string }) => {
            if (event.key === "Enter") openUrl(safe);
          },
        }}
      >
        {words}
      </Text>
      {host ? ` (${host})` : null}
    </>
  );
}

/** As the text around it. On the web a nested text takes its parent's size; React Native does so by itself. */
const inherited = { fontSize: undefined, lineHeight: undefined } as TextStyle;
