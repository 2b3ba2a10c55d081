/** What `/etc/os-release` says. Source: https://www.freedesktop.org/software/systemd/man/os-release.html */
export interface OsRelease {
  /** `debian`, `ubuntu`, `fedora` … */
  id: string;
  /** `bookworm`, `noble` …; null where the distribution gives none. */
  codename: string | null;
  prettyName: string;
}

export function parseOsRelease(text: string): OsRelease {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) {
      fields.set(match[1], match[2].replace(/^(["'])(.*)\1$/, "$2"));
    }
  }
  const id = fields.get("ID") ?? "linux";
  return {
    id,
    codename: fields.get("VERSION_CODENAME") ?? null,
    prettyName: fields.get("PRETTY_NAME") ?? id,
  };
}

/** The machine's own distribution; null where there is no such file (macOS). */
export async function readOsRelease(): Promise<OsRelease | null> {
  const file = Bun.file("/etc/os-release");
  return (await file.exists()) ? parseOsRelease(await file.text()) : null;
}

/** Whether software comes from apt and its packages have the names that we know. */
export function isDebianLike(release: OsRelease | null): release is OsRelease & { codename: string } {
  return release !== null && release.codename !== null && ["debian", "ubuntu"].includes(release.id);
}
