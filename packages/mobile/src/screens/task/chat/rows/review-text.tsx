import type { SentReview } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { space } from "../../../../theme/tokens.ts";
import { Text } from "../../../../ui/text.tsx";
import { CodeBlock } from "../markdown/code-block.tsx";

/** A review that was sent: each comment with its place and the lines that it is about. A person's words stay as they are. */
export function ReviewText({ review }: { review: SentReview }) {
  return (
    <View style={styles.parts}>
      {review.opening === "" ? null : <Words text={review.opening} />}
      {review.comments.map(({ where, quote, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: comments of one message have no other name and no state
        <View key={index} style={styles.comment}>
          <Text variant="label" selectable style={styles.words}>
            {where}
          </Text>
          {quote === null ? null : <CodeBlock code={quote} language="" />}
          <Words text={text} />
        </View>
      ))}
    </View>
  );
}

const Words = ({ text }: { text: string }) => (
  <Text selectable style={styles.words}>
    {text}
  </Text>
);

const styles = StyleSheet.create({
  parts: { gap: space.l },
  comment: { gap: space.s },
  words: { overflowWrap: "anywhere" } as object,
});
