import { useState } from "react";
import { strings } from "../../strings/strings.ts";
import { TextField } from "../../ui/text-field.tsx";
import { parseAmount } from "./draft.ts";

/** An amount that may be left out. Only what is one is told, and by `onProblem` whether something else stands there. */
export function AmountField({
  label,
  value,
  isWhole = false,
  hint,
  onChange,
  onProblem,
}: {
  label: string;
  value: number | null;
  isWhole?: boolean;
  hint?: string;
  onChange: (value: number | null) => void;
  onProblem?: (isWrong: boolean) => void;
}) {
  const [text, setText] = useState(value === null ? "" : String(value));
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
        onProblem?.(amount === undefined);
      }}
    />
  );
}
