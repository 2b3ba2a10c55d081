import type { DeviceInfo } from "@farhand/protocol";
import { useCallback, useEffect, useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { pushChannel, type Unable } from "../../../notifications/push-channel";
import { isWanted, ownDevices, turnOff, turnOn } from "../../../notifications/this-device.ts";
import { onWakeUp } from "../../../platform/wake-up";
import { strings } from "../../../strings/strings.ts";
import { Banner } from "../../../ui/banner.tsx";
import { ListGroup } from "../../../ui/list-row.tsx";
import { Skeleton } from "../../../ui/skeleton.tsx";
import { SwitchRow } from "../../../ui/switch-row.tsx";
import { Text } from "../../../ui/text.tsx";
import { useChange } from "../use-change.ts";
import { DeviceKindsGroup } from "./device-kinds-group.tsx";

const { notifications: words } = strings;

/** What the device itself says. */
type Standing = { can: "yes"; isDenied: boolean } | { can: "no"; why: Unable };

/** Asked again when the person comes back, perhaps from the settings in which they have allowed it. */
function useStanding(): { standing: Standing | null; look: () => void } {
  const [standing, setStanding] = useState<Standing | null>(null);
  const look = useCallback(() => void standingNow().then(setStanding), []);
  useEffect(() => {
    look();
    return onWakeUp(look);
  }, [look]);
  return { standing, look };
}

async function standingNow(): Promise<Standing> {
  const why = await pushChannel.unable();
  if (why !== null) return { can: "no", why };
  return { can: "yes", isDenied: (await pushChannel.permission()) === "denied" };
}

/** The switch of this device, and why it cannot be switched. */
export function ThisDevice({
  devices,
  onChanged,
}: {
  devices: readonly DeviceInfo[];
  onChanged: () => void;
}) {
  const { client } = useServer();
  const { standing, look } = useStanding();
  const { isBusy, error, change } = useChange();
  const [isUndecided, setUndecided] = useState(false);
  if (!standing) return <Skeleton rows={1} />;
  const [own] = ownDevices(devices, pushChannel);
  const isPossible = standing.can === "yes" && !standing.isDenied;
  const device = isPossible && isWanted() ? own : undefined;
  const options = { client, push: pushChannel };
  const set = (isOn: boolean) => {
    setUndecided(false);
    if (!isOn) return change(() => turnOff(options), onChanged, words.isOff);
    change(
      () => turnOn(options),
      (said) => {
        setUndecided(said === "undecided");
        look();
        onChanged();
      },
      null,
    );
  };
  const why = whyNot(standing) ?? (isUndecided ? words.undecided : null);
  return (
    <>
      <ListGroup>
        <SwitchRow
          title={words.here}
          detail={words.state[stateOf(standing, device !== undefined)]}
          isOn={device !== undefined}
          isDisabled={!isPossible || isBusy}
          onChange={set}
        />
      </ListGroup>
      {why ? <Banner text={why} tone="warn" isCard /> : null}
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
      {device ? <DeviceKindsGroup device={device} onChanged={onChanged} /> : null}
    </>
  );
}

function stateOf(standing: Standing, isOn: boolean): keyof typeof words.state {
  if (standing.can === "no") return "unable";
  if (standing.isDenied) return "denied";
  return isOn ? "on" : "off";
}

function whyNot(standing: Standing): string | null {
  if (standing.can === "no") return words.unable[standing.why];
  return standing.isDenied ? words.denied : null;
}
