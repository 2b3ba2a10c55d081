import type { ChosenFile } from "@farhand/client/app";
import { getDocumentAsync } from "expo-document-picker";
import { File } from "expo-file-system";
import { launchImageLibraryAsync, UIImagePickerPreferredAssetRepresentationMode } from "expo-image-picker";
import type { PickKind } from "./pick.ts";

/** Phones have a picker for each. */
export const PICK_KINDS: readonly PickKind[] = ["photos", "files"];

/** Of JPEGs: a camera's picture of 12 megapixels stays below what the model takes. */
const QUALITY = 0.8;

export const pick = (kind: PickKind): Promise<ChosenFile[]> =>
  kind === "photos" ? pickPhotos() : pickFiles();

/** In the system's own picker, which needs no permission. */
async function pickPhotos(): Promise<ChosenFile[]> {
  const { assets } = await launchImageLibraryAsync({
    mediaTypes: ["images"],
    allowsMultipleSelection: true,
    quality: QUALITY,
    exif: false,
    // HEIC, which nobody else reads, is given as JPEG.
    preferredAssetRepresentationMode: UIImagePickerPreferredAssetRepresentationMode.Compatible,
  });
  return Promise.all(
    (assets ?? []).map(async ({ uri, fileName, mimeType }, index) => ({
      name: fileName ?? `photo-${index + 1}.jpg`,
      mediaType: mimeType ?? "image/jpeg",
      bytes: await new File(uri).bytes(),
    })),
  );
}

async function pickFiles(): Promise<ChosenFile[]> {
  const { assets } = await getDocumentAsync({ copyToCacheDirectory: true, multiple: true });
  return Promise.all(
    (assets ?? []).map(async ({ uri, name, mimeType }) => ({
      name,
      mediaType: mimeType ?? "",
      bytes: await new File(uri).bytes(),
    })),
  );
}
