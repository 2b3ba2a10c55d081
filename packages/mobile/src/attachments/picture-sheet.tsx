import type { Attachment } from "@farhand/protocol";
import { Image, StyleSheet, View } from "react-native";
import { strings } from "../strings/strings.ts";
import { space } from "../theme/tokens.ts";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Text } from "../ui/text.tsx";
import { usePicture } from "./use-picture.ts";
import { useSaveAttachment } from "./use-save-attachment.ts";

/** A picture in its own proportions. */
export function PictureSheet({
  attachment,
  onClose,
}: {
  attachment: Attachment | null;
  onClose: () => void;
}) {
  const { value, trouble } = usePicture(attachment);
  const save = useSaveAttachment();
  return (
    <Sheet title={attachment?.name ?? ""} isOpen={attachment !== null} onClose={onClose} isFilled>
      <View style={styles.place}>
        {value && attachment ? (
          <Image
            source={{ uri: value }}
            resizeMode="contain"
            accessible
            aria-label={strings.attach.picture(attachment.name)}
            style={styles.picture}
          />
        ) : trouble ? (
          <Text color="soft">{strings.attach.notHere}</Text>
        ) : (
          <Skeleton rows={3} />
        )}
      </View>
      {attachment ? (
        <View style={styles.foot}>
          <Button title={strings.attach.save} kind="quiet" icon="download" onPress={() => save(attachment)} />
        </View>
      ) : null}
    </Sheet>
  );
}

const styles = StyleSheet.create({
  place: { flex: 1, minHeight: 0, justifyContent: "center", paddingHorizontal: space.l },
  foot: { padding: space.l },
  picture: { flex: 1, width: "100%" },
});
