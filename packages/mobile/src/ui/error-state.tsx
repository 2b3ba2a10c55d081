import { StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import { strings } from "../strings/strings.ts";
import { space } from "../theme/tokens.ts";
import { Button } from "./button.tsx";
import { Text } from "./text.tsx";

/** What the server or the app says of an error: a sentence and what to do. */
export interface Trouble {
  title: string;
  action: string;
}

/** In place of what could not be shown. */
export function ErrorState({ trouble, onRetry }: { trouble: Trouble; onRetry?: () => void }) {
  return (
    <View role="alert" style={styles.place}>
      <Icon name="alert" size={30} color="danger" />
      <Text variant="heading" heading={2} style={styles.text}>
        {trouble.title}
      </Text>
      {trouble.action ? (
        <Text color="soft" style={styles.text}>
          {trouble.action}
        </Text>
      ) : null}
      {onRetry ? (
        <Button title={strings.common.retry} kind="quiet" icon="refresh" onPress={onRetry} isCompact />
      ) : null}
    </View>
  );
}

const styles = StyleSheet.create({
  place: { flexGrow: 1, alignItems: "center", justifyContent: "center", padding: space.xl, gap: space.m },
  text: { textAlign: "center", maxWidth: 420 },
});
