const PROGRAMS = ["dockerd", "containerd", "unshare", "nsenter", "setpriv", "mount", "ip", "git"];

/** Why the suite cannot run on this machine; null where it can. */
export function obstacle(): string | null {
  if (process.env.FARHAND_SANDBOX === "process")
    return "it kills a Docker engine of its own, and no Docker can be used on this machine";
  if (process.platform !== "linux") return "it needs the namespaces of Linux";
  if (process.getuid?.() !== 0) return "it mounts a disk and starts a Docker engine, which only root may do";
  const missing = PROGRAMS.filter((name) => Bun.which(name) === null);
  return missing.length === 0 ? null : `this machine has no ${missing.join(", ")}`;
}
