import type { ChatRow, ToolStep } from "@farhand/client/app";
import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { space } from "../../../../theme/tokens.ts";
import { Button } from "../../../../ui/button.tsx";
import { Pill, type Tone } from "../../../../ui/pill.tsx";
import { Sheet } from "../../../../ui/sheet.tsx";
import { Text } from "../../../../ui/text.tsx";
import { CopyButton } from "../copy-button.tsx";
import { tailOf } from "../output/ansi.ts";
import { TerminalText } from "../output/terminal-text.tsx";
import { duration, stepVerb } from "./step-words.ts";

const { chat: words } = strings;

const TONES: Record<ToolStep["status"], Tone> = {
  pending: "neutral",
  running: "accent",
  done: "ok",
  failed: "danger",
  interrupted: "warn",
};

/** Lines of output that are shown at first. */
const TAIL = 60;

/** The step that the sheet is about, as it is now; null once it is no longer there. */
export function findStep(rows: readonly ChatRow[], rowId: string, stepId: string): ToolStep | null {
  const row = rows.find(({ id }) => id === rowId);
  const step = row?.kind === "steps" ? row.steps.find(({ id }) => id === stepId) : undefined;
  return step?.kind === "tool" ? step : null;
}

/** One tool call: what was asked, how it ended, and what it printed. */
export function StepSheet({ step, onClose }: { step: ToolStep | null; onClose: () => void }) {
  return (
    <Sheet title={step ? stepVerb(step) : ""} isOpen={step !== null} onClose={onClose}>
      {step ? <StepBody key={step.id} step={step} /> : null}
    </Sheet>
  );
}

function StepBody({ step }: { step: ToolStep }) {
  const [isWhole, setWhole] = useState(false);
  const { text, hidden } = isWhole ? { text: step.output, hidden: 0 } : tailOf(step.output, TAIL);
  const isOver = step.status === "done" || step.status === "failed";
  return (
    <>
      <View style={styles.pills}>
        <Pill text={words.stepStatus[step.status]} tone={TONES[step.status]} />
        {step.name === "bash" && isOver ? (
          <Pill
            text={step.exitCode === null ? words.exitUnknown : words.exitCode(step.exitCode)}
            tone={step.exitCode === 0 ? "neutral" : "danger"}
          />
        ) : null}
        {step.durationMs === null ? null : <Pill text={duration(step.durationMs)} icon="clock" />}
        {step.imageCount > 0 ? <Pill text={words.images(step.imageCount)} /> : null}
      </View>
      {step.command === null ? (
        <InputPart step={step} />
      ) : (
        <Part title={words.command} end={<CopyButton text={step.command} label={words.copyCommand} />}>
          <TerminalText text={step.command} label={words.command} isWrapped />
        </Part>
      )}
      <Part
        title={words.output}
        end={step.output ? <CopyButton text={step.output} label={words.copyOutput} /> : null}
      >
        {hidden > 0 ? (
          <View style={styles.more}>
            <Text variant="small" color="soft" style={styles.grow}>
              {words.hiddenLines(hidden)}
            </Text>
            <Button title={words.fullOutput} kind="quiet" isCompact onPress={() => setWhole(true)} />
          </View>
        ) : null}
        {text.trim() ? (
          <TerminalText text={text} label={words.output} />
        ) : (
          <Text variant="small" color="soft">
            {isOver ? words.noOutput : words.stepStatus[step.status]}
          </Text>
        )}
        {step.isTruncated ? (
          <Text variant="small" color="warn">
            {words.truncated}
          </Text>
        ) : null}
      </Part>
    </>
  );
}

/** The input of a tool that runs no command, each field by its name. */
function InputPart({ step }: { step: ToolStep }) {
  const fields = typeof step.input === "object" && step.input !== null ? Object.entries(step.input) : [];
  if (fields.length === 0) return step.label ? <Text isMono>{step.label}</Text> : null;
  return fields.map(([name, value]) => (
    <Part key={name} title={name.replaceAll("_", " ")}>
      <TerminalText text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} label={name} />
    </Part>
  ));
}

function Part({ title, end, children }: { title: string; end?: React.ReactNode; children: React.ReactNode }) {
  return (
    <View style={styles.part}>
      <View style={styles.head}>
        <Text variant="tiny" color="soft" heading={3} style={styles.title}>
          {title}
        </Text>
        {end}
      </View>
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  pills: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
  part: { gap: space.xs },
  head: { flexDirection: "row", alignItems: "center", minHeight: 24 },
  title: { flex: 1, textTransform: "uppercase", letterSpacing: 0.5 },
  more: { flexDirection: "row", alignItems: "center", gap: space.s },
  grow: { flex: 1 },
});
