import type { Attack } from "./attack.ts";
import { displayAttacks } from "./display.ts";
import { egressAttacks } from "./egress.ts";
import { egressWallAttacks } from "./egress-walls.ts";
import { escapeAttacks } from "./escape.ts";
import { filesAttacks } from "./files.ts";
import { floodAttacks } from "./flood.ts";
import { gatewayAttacks } from "./gateway.ts";
import { holdingAttacks } from "./holding.ts";
import { injectionAttacks } from "./injection.ts";
import { moneyAttacks } from "./money.ts";
import { networkAttacks } from "./network.ts";
import { frameAttacks } from "./public-frames.ts";
import { tokenAttacks } from "./public-tokens.ts";
import { webAttacks } from "./public-web.ts";
import { pushAttacks } from "./pushes.ts";
import { resourcesAttacks } from "./resources.ts";
import { secretsAttacks } from "./secrets.ts";
import { setupAttacks } from "./setup.ts";
import { workflowAttacks } from "./workflows.ts";

/** All that is tried, in its order: what may use up a sandbox comes last. */
export const ATTACKS: readonly Attack[] = [
  ...secretsAttacks,
  ...networkAttacks,
  ...egressAttacks,
  ...egressWallAttacks,
  ...setupAttacks,
  ...gatewayAttacks,
  ...holdingAttacks,
  ...moneyAttacks,
  ...pushAttacks,
  ...workflowAttacks,
  ...escapeAttacks,
  ...filesAttacks,
  ...displayAttacks,
  ...injectionAttacks,
  ...tokenAttacks,
  ...webAttacks,
  ...frameAttacks,
  ...resourcesAttacks,
  ...floodAttacks,
];
