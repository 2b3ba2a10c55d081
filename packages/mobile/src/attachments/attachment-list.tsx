import type { Attachment } from "@farhand/protocol";
import { useState } from "react";
import { Image, StyleSheet, View } from "react-native";
import { Icon } from "../icons/icon.tsx";
import { strings } from "../strings/strings.ts";
import { useStyles } from "../theme/theme.tsx";
import { type Palette, radius, space, TARGET } from "../theme/tokens.ts";
import { IconButton } from "../ui/icon-button.tsx";
import { Pressable } from "../ui/pressable.tsx";
import { Text } from "../ui/text.tsx";
import { PictureSheet } from "./picture-sheet.tsx";
import { isPicture, usePicture } from "./use-picture.ts";
import { useSaveAttachment } from "./use-save-attachment.ts";

const { attach: words } = strings;

/** Pictures as small ones that open, files as their names; in a draft each can be taken out. */
export function AttachmentList({
  list,
  onRemove,
}: {
  list: readonly Attachment[];
  onRemove?: (attachment: Attachment) => void;
}) {
  const styles = useStyles(sheet);
  const [opened, setOpened] = useState<Attachment | null>(null);
  if (list.length === 0) return null;
  return (
    <View style={styles.list} role="list" aria-label={words.list} testID="attachments">
      {list.map((attachment) => (
        <View key={attachment.id} role="listitem" style={styles.item}>
          {isPicture(attachment) ? (
            <>
              <Thumbnail attachment={attachment} onOpen={() => setOpened(attachment)} />
              {onRemove ? (
                <Pressable
                  label={words.remove(attachment.name)}
                  onPress={() => onRemove(attachment)}
                  style={styles.remove}
                  activeStyle={null}
                >
                  <View style={styles.badge}>
                    <Icon name="close" size={14} color="text" />
                  </View>
                </Pressable>
              ) : null}
            </>
          ) : (
            <FileChip attachment={attachment} {...(onRemove ? { onRemove } : {})} />
          )}
        </View>
      ))}
      <PictureSheet attachment={opened} onClose={() => setOpened(null)} />
    </View>
  );
}

function Thumbnail({ attachment, onOpen }: { attachment: Attachment; onOpen: () => void }) {
  const styles = useStyles(sheet);
  const { value } = usePicture(attachment);
  return (
    <Pressable label={words.open(attachment.name)} onPress={onOpen} style={styles.thumbnail}>
      {value ? (
        <Image source={{ uri: value }} resizeMode="cover" style={styles.picture} aria-hidden />
      ) : (
        <Icon name="image" color="soft" />
      )}
    </Pressable>
  );
}

function FileChip({
  attachment,
  onRemove,
}: {
  attachment: Attachment;
  onRemove?: (attachment: Attachment) => void;
}) {
  const styles = useStyles(sheet);
  const save = useSaveAttachment();
  const size = strings.files.size(attachment.sizeBytes);
  const inner = (
    <>
      <Icon name="file" size={18} color="soft" />
      <View style={styles.texts}>
        <Text variant="small" numberOfLines={1}>
          {attachment.name}
        </Text>
        <Text variant="tiny" color="soft">
          {size}
        </Text>
      </View>
    </>
  );
  if (!onRemove)
    return (
      <Pressable
        label={words.download(`${attachment.name}, ${size}`)}
        onPress={() => save(attachment)}
        style={styles.file}
      >
        {inner}
      </Pressable>
    );
  return (
    <View style={[styles.file, styles.removable]}>
      {inner}
      <IconButton
        icon="close"
        size={16}
        label={words.remove(attachment.name)}
        onPress={() => onRemove(attachment)}
      />
    </View>
  );
}

const SIZE = 76;

const sheet = (colors: Palette) =>
  StyleSheet.create({
    list: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", gap: space.m },
    item: { maxWidth: "100%" },
    thumbnail: {
      width: SIZE,
      height: SIZE,
      alignItems: "center",
      justifyContent: "center",
      overflow: "hidden",
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: colors.line,
      backgroundColor: colors.sunken,
    },
    picture: { width: "100%", height: "100%" },
    file: {
      flexDirection: "row",
      alignItems: "center",
      gap: space.s,
      minHeight: TARGET,
      maxWidth: 260,
      paddingHorizontal: space.m,
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: colors.line,
      backgroundColor: colors.surface,
    },
    texts: { flexShrink: 1, minWidth: 0 },
    removable: { paddingRight: 0 },
    // As large as a finger, around a badge that hides little of the picture.
    remove: {
      position: "absolute",
      top: -space.m,
      right: -space.m,
      width: TARGET,
      height: TARGET,
      alignItems: "center",
      justifyContent: "center",
    },
    badge: {
      padding: 4,
      borderRadius: radius.round,
      borderWidth: 1,
      borderColor: colors.line,
      backgroundColor: colors.surface,
    },
  });
