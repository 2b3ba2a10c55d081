/** Whether the coordinator in this container answers; for Docker. */
const answer = await fetch("http://127.0.0.1:8787/api/health/live", {
  signal: AbortSignal.timeout(4000),
}).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
