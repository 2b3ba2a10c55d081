#!/bin/sh
# Starts Farhand's command line in the coordinator's container: `up` when the container starts, and any other command
# with `docker compose exec coordinator farhand …`. It is root only until it has made the data folder and found out
# which group may use the Docker socket; then it is the user farhand, without a capability.
set -eu

fail() { printf 'farhand: %s\n' "$*" >&2; exit 1; }

: "${FARHAND_HOME:=/srv/farhand}"
case $FARHAND_HOME in
/*[!/]) ;;
*) fail "FARHAND_HOME must be an absolute path without a slash at its end." ;;
esac
# A socket's path holds 107 bytes, and the sandboxes' sockets lie 45 bytes below this folder.
[ "${#FARHAND_HOME}" -le 60 ] || fail "FARHAND_HOME is longer than 60 letters; sockets below it could not be made."
export FARHAND_DATA="$FARHAND_HOME/data"
export FARHAND_WORKER_BINARY="$FARHAND_HOME/bin/worker"
socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
socket=${socket#unix://}
program=/opt/farhand

if [ "$(id -u)" = 0 ]; then
  [ -S "$socket" ] || fail "There is no Docker socket at $socket. Mount the engine's socket there."
  mkdir -p "$FARHAND_HOME" "$FARHAND_HOME/bin" "$FARHAND_DATA"
  # Only what was made just now is root's, so nothing is done again to a folder that has grown large.
  for folder in "$FARHAND_HOME" "$FARHAND_HOME/bin" "$FARHAND_DATA"; do
    [ "$(stat -c %u "$folder")" = 10002 ] || chown 10002:10002 "$folder"
  done
  exec setpriv --reuid=10002 --regid=10002 --groups="$(stat -c %g "$socket")" --inh-caps=-all --bounding-set=-all \
    --no-new-privs -- "$0" "$@"
fi

# Sandboxes mount the worker from the host, so it has to lie where the host has it as well. Moved into its place, so
# that nobody starts half a program.
if ! cmp -s "$program/build/worker" "$FARHAND_WORKER_BINARY"; then
  cp "$program/build/worker" "$FARHAND_WORKER_BINARY.$$"
  chmod 755 "$FARHAND_WORKER_BINARY.$$"
  mv "$FARHAND_WORKER_BINARY.$$" "$FARHAND_WORKER_BINARY"
fi
exec bun --no-env-file "$program/packages/cli/src/main.ts" "$@"
