import { View } from "react-native";
import { strings } from "../../../strings/strings.ts";
import { space } from "../../../theme/tokens.ts";
import { Text } from "../../../ui/text.tsx";
import type { DiffFile } from "./diff-file.ts";

/** How a file changed, and by how many lines. */
export function FileStats({ file }: { file: Pick<DiffFile, "status" | "insertions" | "deletions"> }) {
  const { status, insertions, deletions } = file;
  return (
    <View style={{ flexDirection: "row", alignItems: "center", gap: space.xs }}>
      {status === "modified" ? null : (
        <Text variant="tiny" color={status === "added" ? "ok" : status === "deleted" ? "danger" : "accent"}>
          {strings.changes.status[status]}
        </Text>
      )}
      {insertions ? (
        <Text variant="tiny" color="ok" isMono>
          {`+${insertions}`}
        </Text>
      ) : null}
      {deletions ? (
        <Text variant="tiny" color="danger" isMono>
          {`−${deletions}`}
        </Text>
      ) : null}
    </View>
  );
}
