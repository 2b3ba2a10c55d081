import type { DeviceInfo } from "@farhand/protocol";
import { useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { useNow } from "../../../data/use-now.ts";
import { ago } from "../../../format/time.ts";
import type { IconName } from "../../../icons/paths.ts";
import { pushChannel } from "../../../notifications/push-channel";
import { ownDevices, turnOff } from "../../../notifications/this-device.ts";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { ListGroup, ListRow } from "../../../ui/list-row.tsx";
import { Pill } from "../../../ui/pill.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { useChange } from "../use-change.ts";
import { DeviceKindsGroup } from "./device-kinds-group.tsx";

const { notifications: words } = strings;
const ICONS: Record<DeviceInfo["channel"], IconName> = { web: "globe", expo: "device", ntfy: "bell" };

/** All that is told, each of which can be changed, tried and removed from here. */
export function ToldDevices({
  devices,
  onChanged,
}: {
  devices: readonly DeviceInfo[];
  onChanged: () => void;
}) {
  const now = useNow();
  const [openId, setOpenId] = useState<string | null>(null);
  const open = devices.find(({ id }) => id === openId) ?? null;
  return (
    <>
      <ListGroup title={words.devices}>
        {devices.length === 0 ? <ListRow title={words.noDevices} /> : null}
        {devices.map((device) => (
          <ListRow
            key={device.id}
            title={device.label}
            detail={detailOf(device, now)}
            icon={ICONS[device.channel]}
            end={device.isCurrent ? <Pill text={strings.settings.thisDevice} tone="accent" /> : null}
            onPress={() => setOpenId(device.id)}
          />
        ))}
      </ListGroup>
      <Sheet title={open?.label ?? ""} isOpen={open !== null} onClose={() => setOpenId(null)}>
        {open ? (
          <DeviceSheet
            key={open.id}
            device={open}
            onChanged={onChanged}
            onRemoved={() => {
              setOpenId(null);
              onChanged();
            }}
          />
        ) : null}
      </Sheet>
    </>
  );
}

function detailOf({ channel, host, lastSentAt }: DeviceInfo, now: number): string {
  const when = lastSentAt ? words.sent(ago(lastSentAt, now)) : words.neverSent;
  return `${words.detail(words.channel[channel], host)} · ${when}`;
}

function DeviceSheet({
  device,
  onChanged,
  onRemoved,
}: {
  device: DeviceInfo;
  onChanged: () => void;
  onRemoved: () => void;
}) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  const isOwn = ownDevices([device], pushChannel).length > 0;
  const remove = async (): Promise<void> => {
    // What is removed here is switched off here as well.
    if (isOwn) await turnOff({ client, push: pushChannel });
    else await client.removeDevice(device.id);
  };
  return (
    <>
      {device.lastError ? <Text color="danger">{words.lastError(device.lastError)}</Text> : null}
      <DeviceKindsGroup device={device} onChanged={onChanged} />
      <Button
        title={words.remove}
        label={`${words.remove}: ${device.label}`}
        kind="danger"
        icon="trash"
        isBusy={isBusy}
        onPress={() => change(remove, onRemoved, words.removed)}
      />
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
    </>
  );
}
