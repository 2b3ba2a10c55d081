import { z } from "zod";

/** `GET /api/health/live`: the process answers. */
export const Liveness = z.strictObject({ status: z.literal("live"), version: z.string(), protocol: z.int() });
export type Liveness = z.infer<typeof Liveness>;

/** One thing that must work before tasks can run. */
export const HealthCheck = z.strictObject({
  name: z.enum(["database", "sandbox", "disk", "model_key"]),
  ok: z.boolean(),
  detail: z.string(),
  /** What to do when it is not ok; empty otherwise. */
  action: z.string(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** `GET /api/health` and `/api/health/ready`: 200 when all checks are ok, else 503. */
export const Readiness = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  version: z.string(),
  protocol: z.int(),
  sandbox: z.strictObject({ driver: z.enum(["docker", "process"]), isolated: z.boolean() }),
  checks: z.array(HealthCheck),
});
export type Readiness = z.infer<typeof Readiness>;
