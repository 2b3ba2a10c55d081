import type { ChatRow, ToolStep } from "@farhand/client/app";
import { StyleSheet, View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { space } from "../../../../theme/tokens.ts";
import { Pill, type Tone } from "../../../../ui/pill.tsx";
import { Sheet } from "../../../../ui/sheet.tsx";
import { Text } from "../../../../ui/text.tsx";
import { CopyButton } from "../copy-button.tsx";
import { TerminalText } from "../output/terminal-text.tsx";
import { Part } from "./part.tsx";
import { StepOutput } from "./step-output.tsx";
import { duration, stepVerb } from "./step-words.ts";

const { chat: words } = strings;

const TONES: Record<ToolStep["status"], Tone> = {
  pending: "neutral",
  running: "accent",
  done: "ok",
  failed: "danger",
  interrupted: "warn",
};

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
      <StepOutput step={step} />
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

const styles = StyleSheet.create({
  pills: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
});
