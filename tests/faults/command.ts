/** Runs a program of the machine and gives what it prints. Throws with its complaint when it fails. */
export async function command(...argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, complaint, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${complaint || out}`);
  return out;
}
