import { useState } from "react";
import { strings } from "../../strings/strings.ts";
import { TextField } from "../../ui/text-field.tsx";
import { parseAmount } from "./draft.ts";

/** An amount that may be left out. Only what is one is told by `onChange`; by `onProblem` what else stands there, or null. */
export function AmountField({
  label,
  value,
  wrong = null,
  isWhole = false,
  hint,
  onChange,
  onProblem,
}: {
  label: string;
  value: number | null;
  /** What stood there before, in place of the value: who has mistyped finds it as it was. */
  wrong?: string | null;
  isWhole?: boolean;
  hint?: string;
  onChange: (value: number | null) => void;
  onProblem?: (wrong: string | null) => void;
}) {
  const [text, setText] = useState(wrong ?? (value === null ? "" : String(value)));
  const parsed = parseAmount(text, isWhole);
  return (
    <TextField
      label={label}
      hint={hint}
      error={parsed === undefined ? strings.newTask[isWhole ? "badWhole" : "badNumber"] : null}
      value={text}
      inputMode={isWhole ? "numeric" : "decimal"}
      onChangeText={(now) => {
        setText(now);
        const amount = parseAmount(now, isWhole);
        if (amount !== undefined) onChange(amount);
        onProblem?.(amount === undefined ? now : null);
      }}
    />
  );
}
