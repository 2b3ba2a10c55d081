import type { NewTaskDraft } from "@farhand/client/app";
import { useState } from "react";
import { View } from "react-native";
import { dollars, tokens } from "../../format/amounts.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { AmountField } from "./amount-field.tsx";
import { BranchSheet } from "./branch-sheet.tsx";
import { budgetProblem, type WrongAmounts } from "./draft.ts";
import { ModelChoice } from "./model-choice.tsx";

const { newTask: words } = strings;

interface Props {
  draft: NewTaskDraft;
  onChange: (change: Partial<NewTaskDraft>) => void;
  wrongAmounts: WrongAmounts;
  onWrongAmounts: (wrong: WrongAmounts) => void;
}

/** What a task needs not be told: branch, model, budget. */
export function OptionsGroup({ draft, onChange, wrongAmounts, onWrongAmounts }: Props) {
  const [open, setOpen] = useState<"branch" | "model" | "budget" | null>(null);
  const budgetTrouble = budgetProblem(wrongAmounts);
  const close = () => setOpen(null);
  return (
    <ListGroup title={words.options}>
      <ListRow
        title={words.branch}
        detail={draft.baseBranch ?? words.branchHint}
        icon="branch"
        onPress={() => setOpen("branch")}
      />
      <ListRow
        title={words.model}
        detail={draft.model ?? words.modelDefaultUnknown}
        icon="spark"
        onPress={() => setOpen("model")}
      />
      <ListRow
        title={words.budget}
        detail={budgetTrouble ?? budgetText(draft)}
        isDanger={budgetTrouble !== null}
        icon="dollar"
        onPress={() => setOpen("budget")}
      />
      {open === "branch" ? (
        <BranchSheet
          repository={draft.repository}
          value={draft.baseBranch}
          onClose={close}
          onChosen={(baseBranch) => {
            close();
            onChange({ baseBranch });
          }}
        />
      ) : null}
      <Sheet title={words.model} isOpen={open === "model"} onClose={close}>
        <ModelChoice
          value={draft.model}
          onChange={(model) => {
            close();
            onChange({ model });
          }}
        />
      </Sheet>
      <Sheet title={words.budget} isOpen={open === "budget"} onClose={close}>
        <View style={{ gap: space.l }}>
          <AmountField
            label={words.budgetUsd}
            value={draft.maxUsd}
            wrong={wrongAmounts.usd}
            onChange={(maxUsd) => onChange({ maxUsd })}
            onProblem={(usd) => onWrongAmounts({ ...wrongAmounts, usd })}
          />
          <AmountField
            label={words.budgetTokens}
            value={draft.maxTokens}
            wrong={wrongAmounts.tokens}
            isWhole
            onChange={(maxTokens) => onChange({ maxTokens })}
            onProblem={(tokens) => onWrongAmounts({ ...wrongAmounts, tokens })}
          />
          <Text variant="small" color="soft">
            {words.budgetHint}
          </Text>
        </View>
      </Sheet>
    </ListGroup>
  );
}

function budgetText({ maxUsd, maxTokens }: NewTaskDraft): string {
  const parts = [
    ...(maxUsd === null ? [] : [dollars(maxUsd)]),
    ...(maxTokens === null ? [] : [words.budgetTokensAt(tokens(maxTokens))]),
  ];
  return parts.length === 0 ? words.budgetNone : parts.join(", ");
}
