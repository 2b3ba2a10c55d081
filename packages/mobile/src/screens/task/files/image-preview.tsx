import { useCallback, useState } from "react";
import { Image, StyleSheet, View } from "react-native";
import { useServer } from "../../../data/server.tsx";
import { useCached } from "../../../data/use-cached.ts";
import { strings } from "../../../strings/strings.ts";
import { useStyles } from "../../../theme/theme.tsx";
import { type Palette, radius, space } from "../../../theme/tokens.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorState } from "../../../ui/error-state.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { Text } from "../../../ui/text.tsx";
import { base64, IMAGE_MAX_BYTES, imageKindOf } from "./image-kind.ts";

/** A picture of the repository. Its bytes are shown as a picture and as nothing else. */
export function ImagePreview({
  taskId,
  path,
  commit,
  sizeBytes,
}: {
  taskId: string;
  path: string;
  commit: string;
  sizeBytes: number;
}) {
  const styles = useStyles(sheet);
  const { client } = useServer();
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const isTooLarge = sizeBytes > IMAGE_MAX_BYTES;
  const load = useCallback(
    async (signal: AbortSignal) => {
      const raw = await client.rawFile(taskId, { at: commit, path }, signal);
      const bytes = new Uint8Array(await raw.arrayBuffer());
      return `data:${imageKindOf(path)};base64,${base64(bytes)}`;
    },
    [client, taskId, commit, path],
  );
  const picture = useCached<string>(isTooLarge ? null : `picture/${taskId}/${commit}/${path}`, load);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (isTooLarge) return <EmptyState icon="file" title={name} text={strings.files.tooLargeImage} />;
  if (!picture.value)
    return picture.trouble ? (
      <ErrorState trouble={picture.trouble} onRetry={picture.reload} />
    ) : (
      <Skeleton rows={3} />
    );
  const uri = picture.value;
  return (
    <View style={styles.place}>
      <View style={styles.frame}>
        <Image
          source={{ uri }}
          resizeMode="contain"
          aria-label={strings.files.image(name)}
          accessible
          // Small ones are not blown up; browsers tell of the size by `getSize` alone.
          onLoad={() =>
            Image.getSize(
              uri,
              (width, height) => setSize({ width, height }),
              () => undefined,
            )
          }
          style={[styles.picture, size ? { maxWidth: size.width, maxHeight: size.height } : null]}
        />
      </View>
      <Text variant="small" color="soft">
        {[...(size ? [`${size.width} × ${size.height}`] : []), strings.files.size(sizeBytes)].join(" · ")}
      </Text>
    </View>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    place: { flex: 1, alignItems: "center", justifyContent: "center", gap: space.m, padding: space.l },
    frame: {
      flex: 1,
      alignSelf: "stretch",
      minHeight: 0,
      backgroundColor: colors.sunken,
      borderRadius: radius.m,
      borderWidth: 1,
      borderColor: colors.line,
      padding: space.m,
      alignItems: "center",
      justifyContent: "center",
    },
    picture: { flex: 1, width: "100%" },
  });
