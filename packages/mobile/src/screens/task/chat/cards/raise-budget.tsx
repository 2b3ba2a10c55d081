import type { BudgetUse } from "@farhand/protocol";
import { useState } from "react";
import { View } from "react-native";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { useAsk } from "../use-ask.ts";
import { cardStyles } from "./card.tsx";
import { proposals, tightest, typedLimit } from "./raise.ts";

const { chat: words } = strings;

interface RaiseBudgetProps {
  taskId: string;
  /** Of the task's own limit. */
  use: BudgetUse;
  isMain: boolean;
}

/** Higher limits to choose from, or to type. */
export function RaiseBudget({ taskId, use, isMain }: RaiseBudgetProps) {
  const ask = useAsk();
  const [text, setText] = useState<string | null>(null);
  const typed = text === null ? null : typedLimit(use, text);
  return (
    <>
      <View style={cardStyles.buttons}>
        {proposals(use).map(({ title, budget }) => (
          <Button
            key={title}
            title={title}
            kind={isMain ? "main" : "quiet"}
            isCompact
            onPress={() => void ask({ type: "set_budget", taskId, budget })}
          />
        ))}
        {text === null ? (
          <Button title={words.raiseOther} kind="quiet" isCompact onPress={() => setText("")} />
        ) : null}
      </View>
      {text === null ? null : (
        <>
          <TextField
            label={tightest(use) === "usd" ? words.raiseField : words.raiseFieldTokens}
            inputMode="decimal"
            value={text}
            onChangeText={setText}
          />
          <Button
            title={words.raise}
            isCompact
            isDisabled={typed === null}
            onPress={() => {
              if (typed) void ask({ type: "set_budget", taskId, budget: typed });
            }}
          />
        </>
      )}
    </>
  );
}
