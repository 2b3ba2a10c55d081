import type { BudgetScope, Settings, SpendingLimit } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { View } from "react-native";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { dollars, tokens } from "../../format/amounts.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { AmountField } from "../new-task/amount-field.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;
const SCOPES: readonly BudgetScope[] = ["task", "day", "user"];

export function BudgetsScreen() {
  const { client } = useServer();
  const settings = useKept(
    "settings/settings",
    useCallback((signal: AbortSignal) => client.settings(signal), [client]),
  );
  const [open, setOpen] = useState<BudgetScope | null>(null);
  return (
    <SettingsPage title={words.budgets}>
      <Text color="soft">{words.budgetsText}</Text>
      <LoadedPart of={settings}>
        {(value) => (
          <>
            <ListGroup>
              {SCOPES.map((scope) => (
                <ListRow
                  key={scope}
                  title={words.limits[scope]}
                  detail={limitText(value.budgets[scope])}
                  onPress={() => setOpen(scope)}
                />
              ))}
            </ListGroup>
            {open ? (
              <LimitSheet
                scope={open}
                settings={value}
                onClose={() => setOpen(null)}
                onChanged={(now) => {
                  settings.set(now);
                  setOpen(null);
                }}
              />
            ) : null}
          </>
        )}
      </LoadedPart>
      <Costs />
    </SettingsPage>
  );
}

function limitText({ maxUsd, maxTokens }: SpendingLimit): string {
  const parts = [
    ...(maxUsd === null ? [] : [dollars(maxUsd)]),
    ...(maxTokens === null ? [] : [`${tokens(maxTokens)} ${words.limitTokens}`]),
  ];
  return parts.length === 0 ? words.noLimit : parts.join(", ");
}

function LimitSheet({
  scope,
  settings,
  onClose,
  onChanged,
}: {
  scope: BudgetScope;
  settings: Settings;
  onClose: () => void;
  onChanged: (settings: Settings) => void;
}) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  const [limit, setLimit] = useState(settings.budgets[scope]);
  // What stands in a field and is no amount must not be taken for the amount before it.
  const [wrong, setWrong] = useState({ usd: false, tokens: false });
  return (
    <Sheet title={words.limits[scope]} isOpen onClose={onClose}>
      <View style={{ gap: space.l }}>
        <AmountField
          label={words.limitUsd}
          hint={words.noLimit}
          value={limit.maxUsd}
          onChange={(maxUsd) => setLimit({ ...limit, maxUsd })}
          onProblem={(text) => setWrong({ ...wrong, usd: text !== null })}
        />
        <AmountField
          label={words.limitTokens}
          hint={words.noLimit}
          isWhole
          value={limit.maxTokens}
          onChange={(maxTokens) => setLimit({ ...limit, maxTokens })}
          onProblem={(text) => setWrong({ ...wrong, tokens: text !== null })}
        />
        {error ? (
          <Text role="alert" color="danger">
            {error}
          </Text>
        ) : null}
        <Button
          title={strings.common.save}
          isBusy={isBusy}
          isDisabled={wrong.usd || wrong.tokens}
          onPress={() => change(() => client.updateSettings({ budgets: { [scope]: limit } }), onChanged)}
        />
      </View>
    </Sheet>
  );
}

/** What was spent, by day and by model. */
function Costs() {
  const { client } = useServer();
  const days = useKept(
    "settings/costs/day",
    useCallback((signal: AbortSignal) => client.costs({ by: "day" }, signal), [client]),
  );
  const models = useKept(
    "settings/costs/model",
    useCallback((signal: AbortSignal) => client.costs({ by: "model" }, signal), [client]),
  );
  return (
    <>
      {(
        [
          [words.byDay, days],
          [words.byModel, models],
        ] as const
      ).map(([title, costs]) => (
        <LoadedPart key={title} of={costs}>
          {({ by, rows, total }) => (
            <ListGroup title={`${words.spent}: ${title}`}>
              {rows.length === 0 ? <ListRow title={words.spentNothing} /> : null}
              {(by === "day" ? rows.slice(-14).reverse() : rows.slice(0, 14)).map((row) => (
                <ListRow
                  key={row.key}
                  title={row.key}
                  detail={`${tokens(row.inputTokens + row.cacheReadInputTokens + row.cacheCreationInputTokens)} → ${tokens(row.outputTokens)}`}
                  end={<Text>{dollars(row.costUsd)}</Text>}
                />
              ))}
              {rows.length > 1 ? (
                <ListRow
                  title={words.spentTotal}
                  end={<Text variant="label">{dollars(total.costUsd)}</Text>}
                />
              ) : null}
            </ListGroup>
          )}
        </LoadedPart>
      ))}
    </>
  );
}
