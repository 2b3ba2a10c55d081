import type { EgressOverview, RepositoryEgress } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { repositoryName } from "../../format/repository.ts";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { EgressRules } from "./egress-rules.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;

export function EgressScreen() {
  const { client } = useServer();
  const egress = useKept(
    "settings/egress",
    useCallback((signal: AbortSignal) => client.egress(signal), [client]),
  );
  const { isBusy, error, change } = useChange();
  const [opened, setOpened] = useState<string | null>(null);
  const set = (work: () => Promise<EgressOverview>, done?: () => void) =>
    change(work, (answer) => {
      egress.set(answer);
      done?.();
    });
  const setOne = (rules: RepositoryEgress, done?: () => void) =>
    set(() => client.setRepositoryEgress(rules), done);
  const trouble = error ? (
    <Text role="alert" color="danger">
      {error}
    </Text>
  ) : null;
  return (
    <SettingsPage title={words.egress}>
      <Text color="soft">{words.egressText}</Text>
      <LoadedPart of={egress}>
        {({ default: now, repositories }) => {
          const one = repositories.find(({ repository }) => repository === opened);
          return (
            <>
              <EgressRules
                rules={now}
                isBusy={isBusy}
                onChange={({ mode, hosts }, done) =>
                  set(() => client.setEgress({ mode: mode ?? now.mode, hosts }), done)
                }
              />
              {repositories.length > 0 ? (
                <ListGroup title={words.egressRepositories}>
                  {repositories.map((it) => (
                    <ListRow
                      key={it.repository}
                      title={repositoryName(it.repository)}
                      detail={summaryOf(it)}
                      onPress={() => setOpened(it.repository)}
                    />
                  ))}
                </ListGroup>
              ) : null}
              <Sheet
                title={one ? repositoryName(one.repository) : words.egress}
                isOpen={one !== undefined}
                onClose={() => setOpened(null)}
              >
                {one ? (
                  <>
                    <Text color="soft">{words.egressRepositoryText}</Text>
                    <EgressRules
                      key={one.repository}
                      rules={one}
                      hasDefault
                      isBusy={isBusy}
                      onChange={(rules, done) => setOne({ ...rules, repository: one.repository }, done)}
                    />
                    {trouble}
                    <Button
                      title={words.egressForget}
                      kind="danger"
                      isBusy={isBusy}
                      onPress={() =>
                        setOne({ repository: one.repository, mode: null, hosts: [] }, () => setOpened(null))
                      }
                    />
                  </>
                ) : null}
              </Sheet>
            </>
          );
        }}
      </LoadedPart>
      {trouble}
    </SettingsPage>
  );
}

const summaryOf = ({ mode, hosts }: RepositoryEgress): string =>
  [mode ? words.egressMode[mode] : words.egressAsDefault, ...hosts].join(" · ");
