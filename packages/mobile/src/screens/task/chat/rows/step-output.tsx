import type { ToolStep } from "@farhand/client/app";
import { useCallback, useMemo, useState } from "react";
import { StyleSheet, View } from "react-native";
import { useServer } from "../../../../data/server.tsx";
import { troubleOf } from "../../../../data/trouble.ts";
import { useCached } from "../../../../data/use-cached.ts";
import { saveFile } from "../../../../platform/save-file.ts";
import { strings } from "../../../../strings/strings.ts";
import { space } from "../../../../theme/tokens.ts";
import { Button } from "../../../../ui/button.tsx";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { toast } from "../../../../ui/toast.tsx";
import { useOpenTask } from "../../open-task.tsx";
import { CopyButton } from "../copy-button.tsx";
import { plainText, tailOf } from "../output/ansi.ts";
import { TerminalText } from "../output/terminal-text.tsx";
import { Part } from "./part.tsx";

const { chat: words } = strings;

/** Lines that are shown at first, and that come with each press: a page that draws 100,000 at once stands still. */
const TAIL = 60;
const MORE = 2_000;
/** What is kept and no longer than this is fetched with the sheet, for its colours. */
const FETCHED_BYTES = 64 * 1024;

/** What a tool gave, from its end. Where the server keeps more than the log has, that takes its place once it is there. */
export function StepOutput({ step }: { step: ToolStep }) {
  const { kept } = step;
  const [lines, setLines] = useState(TAIL);
  const [isAsked, setAsked] = useState(false);
  const isWanted = isAsked || kept === null || kept.keptBytes <= FETCHED_BYTES;
  const whole = useWholeOutput(step, kept !== null && isWanted);
  const output = whole.value ?? step.output;
  const { text, hidden } = useMemo(() => tailOf(output, lines), [output, lines]);
  const isOver = step.status === "done" || step.status === "failed";
  const isPart = kept !== null && whole.value === null;
  const showMore = () => {
    // While it runs it has nothing to fetch, and what it will have may be much.
    if (kept !== null) setAsked(true);
    setLines((before) => (before === TAIL ? MORE : before + MORE));
  };
  return (
    <Part
      title={words.output}
      end={
        <>
          {kept ? <SaveButton step={step} /> : null}
          {output ? <CopyButton text={() => plainText(output)} label={words.copyOutput} /> : null}
        </>
      }
    >
      {hidden > 0 || (isPart && !isWanted) ? (
        <View style={styles.more}>
          <Text variant="small" color="soft" style={styles.grow}>
            {hidden > 0 ? words.hiddenLines(hidden) : ""}
          </Text>
          <Button
            title={hidden > MORE && isWanted ? words.moreLines(MORE) : words.fullOutput}
            kind="quiet"
            isCompact
            onPress={showMore}
          />
        </View>
      ) : null}
      {isPart && whole.trouble ? (
        <View role="alert" style={styles.more}>
          <Text variant="small" color="warn" style={styles.grow}>
            {whole.trouble.title}
          </Text>
          <Button title={strings.common.retry} kind="quiet" icon="refresh" isCompact onPress={whole.reload} />
        </View>
      ) : isPart && isWanted ? (
        <Text variant="small" color="soft" role="status">
          {words.outputLoading}
        </Text>
      ) : null}
      {text.trim() ? (
        <TerminalText text={text} label={words.output} />
      ) : (
        <Text variant="small" color="soft">
          {isOver ? words.noOutput : words.stepStatus[step.status]}
        </Text>
      )}
      {step.isTruncated || (kept && kept.keptBytes < kept.sizeBytes) ? (
        <Text variant="small" color="soft">
          {kept ? sizeOf(kept) : words.truncated}
        </Text>
      ) : null}
    </Part>
  );
}

function sizeOf({ sizeBytes, keptBytes }: NonNullable<ToolStep["kept"]>): string {
  const { size } = strings.files;
  return words.outputSize(size(keptBytes), keptBytes < sizeBytes ? size(sizeBytes) : null);
}

/** Fetched once it is wanted, and kept on this device from then on. */
function useWholeOutput({ toolUseId }: ToolStep, isWanted: boolean) {
  const { client } = useServer();
  const { taskId } = useOpenTask();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const raw = await client.output(taskId, toolUseId, signal);
      return new TextDecoder().decode(await raw.arrayBuffer());
    },
    [client, taskId, toolUseId],
  );
  return useCached<string>(isWanted ? `output/${taskId}/${toolUseId}` : null, load);
}

function SaveButton({ step }: { step: ToolStep }) {
  const { client, baseUrl } = useServer();
  const { taskId } = useOpenTask();
  const { toolUseId } = step;
  const save = () => {
    const path = `/api/tasks/${encodeURIComponent(taskId)}/outputs/${encodeURIComponent(toolUseId)}`;
    const read = () => client.output(taskId, toolUseId);
    saveFile({ name: `${step.name}-output.txt`, url: `${baseUrl}${path}`, read }).catch((error: unknown) =>
      toast(`${words.saveOutputFailed}. ${troubleOf(error).title}`),
    );
  };
  return <IconButton icon="download" size={17} color="soft" label={words.saveOutput} onPress={save} />;
}

const styles = StyleSheet.create({
  more: { flexDirection: "row", alignItems: "center", gap: space.s },
  grow: { flex: 1 },
});
