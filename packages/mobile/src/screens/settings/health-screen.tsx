import { useCallback } from "react";
import { useConnection, useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { strings } from "../../strings/strings.ts";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Pill } from "../../ui/pill.tsx";
import { Text } from "../../ui/text.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";

const { settings: words } = strings;

export function HealthScreen() {
  const { client } = useServer();
  const health = useKept(
    "settings/ready",
    useCallback((signal: AbortSignal) => client.ready(signal), [client]),
  );
  const { baseUrl, latencyMs } = useConnection();
  return (
    <SettingsPage title={words.health}>
      <LoadedPart of={health}>
        {({ status, checks, sandbox, version, protocol }) => (
          <>
            <Banner
              isCard
              tone={status === "ready" ? "ok" : "danger"}
              text={status === "ready" ? words.ready : words.notReady}
            />
            <ListGroup>
              {checks.map(({ name, ok, detail, action }) => (
                <ListRow
                  key={name}
                  title={words.checks[name] ?? name}
                  detail={ok ? detail : `${detail} ${action}`}
                  icon={ok ? "check" : "alert"}
                  isDanger={!ok}
                />
              ))}
              <ListRow
                title={words.sandbox}
                icon="lock"
                detail={sandbox.isolated ? words.isolated(sandbox.driver) : words.notIsolated(sandbox.driver)}
                end={sandbox.isolated ? null : <Pill text="!" tone="danger" />}
              />
            </ListGroup>
            <ListGroup>
              <ListRow title={strings.connection.server} end={<Text color="soft">{baseUrl}</Text>} />
              <ListRow title={words.version} end={<Text color="soft">{version}</Text>} />
              <ListRow title={words.protocol} end={<Text color="soft">{String(protocol)}</Text>} />
              {latencyMs === null ? null : (
                <ListRow
                  title={strings.connection.latency}
                  end={<Text color="soft">{strings.connection.milliseconds(Math.round(latencyMs))}</Text>}
                />
              )}
            </ListGroup>
          </>
        )}
      </LoadedPart>
      <Button title={strings.common.refresh} kind="quiet" icon="refresh" onPress={health.reload} />
    </SettingsPage>
  );
}
