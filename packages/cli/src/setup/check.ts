/** One thing that Farhand needs of the machine, and whether it is there. */
export interface Check {
  name: string;
  ok: boolean;
  /** How bad it is when it is not ok: with an `error` tasks cannot run, with a `warning` they may fail. */
  severity: "error" | "warning";
  detail: string;
  /** What to do when it is not ok; empty otherwise. */
  action: string;
}

export const passed = (name: string, detail: string): Check => ({
  name,
  ok: true,
  severity: "error",
  detail,
  action: "",
});

export const failed = (name: string, severity: Check["severity"], detail: string, action: string): Check => ({
  name,
  ok: false,
  severity,
  detail,
  action,
});
