import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import type Docker from "dockerode";

const PROGRAMS = [
  "sh",
  "base64",
  "find",
  "chown",
  "cat",
  "sleep",
  "ls",
  "touch",
  "chmod",
  "id",
  "grep",
  "env",
  "head",
  "mkdir",
  "stat",
  "yes",
  "ln",
  "rm",
  "perl",
  "test",
];

/**
 * An image of a few megabytes made of this machine's own shell and tools, with the worker image's user and
 * workspace: the drivers are tested without any registry. The caller removes it.
 */
export async function importTinyImage(docker: Docker, tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "farhand-tiny-"));
  const root = join(folder, "root");
  const tar = join(folder, "image.tar");
  try {
    await $`mkdir -p ${root}/bin ${root}/etc ${root}/tmp ${root}/opt ${root}/workspace`.quiet();
    for (const program of PROGRAMS) {
      const path = Bun.which(program);
      if (path === null) throw new Error(`the tests need ${program} on this machine`);
      await $`cp -L ${path} ${root}/bin/${program}`.quiet();
      for (const library of (await $`ldd ${path}`.nothrow().text()).matchAll(/(\/\S+\.so\S*)/g)) {
        if (library[1] !== undefined) await $`cp -L --parents ${library[1]} ${root}`.quiet();
      }
    }
    await Bun.write(join(root, "etc", "passwd"), "agent:x:10001:10001::/workspace:/bin/sh\n");
    await $`chmod 755 ${root}/workspace`.quiet();
    // The mode of the image's folder is what a memory-backed /tmp gets.
    await $`chmod 1777 ${root}/tmp`.quiet();
    await $`tar -cf ${tar} -C ${root} --owner=0 --group=0 --exclude=./workspace .`.quiet();
    await $`tar -rf ${tar} -C ${root} --owner=10001 --group=10001 ./workspace`.quiet();
    const [repo, version] = tag.split(":");
    const answer = await docker.importImage(tar, { repo, tag: version });
    for await (const _ of answer);
    await docker.getImage(tag).inspect();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
