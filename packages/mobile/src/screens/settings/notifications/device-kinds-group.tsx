import type { DeviceInfo, DeviceTest, NotificationKind } from "@farhand/protocol";
import { useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { ListGroup } from "../../../ui/list-row.tsx";
import { SwitchRow } from "../../../ui/switch-row.tsx";
import { Text } from "../../../ui/text.tsx";
import { useChange } from "../use-change.ts";

const { notifications: words } = strings;
const KINDS: readonly NotificationKind[] = ["needs-you", "finished", "failed"];

/** What a device is told, and a way to try it. */
export function DeviceKindsGroup({ device, onChanged }: { device: DeviceInfo; onChanged: () => void }) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  const [tested, setTested] = useState<DeviceTest | null>(null);
  const [kinds, setKinds] = useState(device.kinds);
  const set = (kind: NotificationKind, isOn: boolean) =>
    change(
      () => client.updateDevice(device.id, { kinds: { [kind]: isOn } }),
      (now) => {
        setKinds(now.kinds);
        onChanged();
      },
    );
  const test = () => {
    setTested(null);
    change(() => client.testDevice(device.id), setTested, null);
  };
  return (
    <>
      <ListGroup title={words.kindsOf(device.label)}>
        {KINDS.map((kind) => (
          <SwitchRow
            key={kind}
            title={words.kinds[kind]}
            isOn={kinds[kind]}
            isDisabled={isBusy}
            onChange={(isOn) => set(kind, isOn)}
          />
        ))}
      </ListGroup>
      <Button title={words.test} kind="quiet" icon="bell" isBusy={isBusy} onPress={test} />
      {tested ? (
        <Text role="status" color={tested.status === "sent" ? "ok" : "danger"}>
          {tested.message}
        </Text>
      ) : null}
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
    </>
  );
}
