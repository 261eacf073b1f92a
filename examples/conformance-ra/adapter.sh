#!/bin/sh
# Runs the adapter that build.sh has compiled. Erlang's log would go to standard output, and a node without a name needs no epmd.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
plugins=$(cat "$here/build/plugins")
exec erl -noinput -boot no_dot_erlang +S 1:1 +sbwt none -kernel logger_level none -env ERL_CRASH_DUMP_SECONDS 0 \
  -pa "$here/build" "$plugins"/ra-*/ebin "$plugins"/aten-*/ebin "$plugins"/gen_batch_server-*/ebin "$plugins"/seshat-*/ebin "$plugins"/jsx-*/ebin \
  -s conformance_ra main
