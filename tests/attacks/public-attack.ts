import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { openPublicGround, type PublicGround } from "./public-ground.ts";

const grounds = new WeakMap<Arena, Promise<PublicGround>>();

/** An attack on the public side; all of them share one server, with its people. */
export function publicAttack(spec: {
  area: string;
  name: string;
  by: string;
  try(ground: PublicGround): Promise<Attempt>;
  control(ground: PublicGround): Promise<Attempt>;
}): Attack {
  const ground = (arena: Arena) => {
    const opening = grounds.get(arena) ?? openPublicGround(arena.engine).then((opened) => arena.keep(opened));
    grounds.set(arena, opening);
    return opening;
  };
  return {
    area: spec.area,
    name: spec.name,
    by: spec.by,
    try: async (arena) => spec.try(await ground(arena)),
    control: async (arena) => spec.control(await ground(arena)),
  };
}
