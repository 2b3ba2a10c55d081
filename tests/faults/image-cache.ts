import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** The machine's own engine, which has the image. It is only read from. */
const MACHINE_SOCKET = "/var/run/docker.sock";

/** Folder for an engine's data that holds the image from the second run on. Those of other images are removed. */
export async function dataRootFor(cache: string, image: string): Promise<string> {
  const id = await imageId(MACHINE_SOCKET, image);
  if (id === null) throw new Error(`the machine's Docker engine has no image ${image}`);
  const name = id.replace("sha256:", "").slice(0, 12);
  await mkdir(join(cache, name), { recursive: true });
  for (const other of await readdir(cache))
    if (other !== name) await rm(join(cache, other), { recursive: true, force: true });
  return join(cache, name);
}

/** Copies the image from the machine's engine unless it is there. */
export async function loadImage(socketPath: string, image: string): Promise<void> {
  const id = await imageId(MACHINE_SOCKET, image);
  if (id !== null && (await imageId(socketPath, image)) === id) return;
  const file = `/tmp/farhand-faults-image-${process.pid}.tar`;
  try {
    const saved = await fetch(`http://docker/images/${image}/get`, { unix: MACHINE_SOCKET });
    if (!saved.ok) throw new Error(`the image cannot be saved: ${await saved.text()}`);
    await Bun.write(file, saved);
    const loaded = await fetch("http://docker/images/load?quiet=1", {
      method: "POST",
      unix: socketPath,
      headers: { "content-type": "application/x-tar" },
      body: Bun.file(file),
    });
    const answer = await loaded.text();
    if (!loaded.ok || !answer.includes("Loaded image"))
      throw new Error(`the image cannot be loaded: ${answer}`);
  } finally {
    await rm(file, { force: true });
  }
}

async function imageId(socketPath: string, image: string): Promise<string | null> {
  const answer = await fetch(`http://docker/images/${image}/json`, { unix: socketPath });
  return answer.ok ? ((await answer.json()) as { Id: string }).Id : null;
}
