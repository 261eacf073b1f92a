#!/bin/sh
# Compiles the adapter against the ra inside Debian's rabbitmq-server. Fetches nothing, and starts no broker.
# Needs: apt-get install --no-install-recommends rabbitmq-server
set -eu
cd "$(dirname "$0")"

# Of any other version the README says nothing.
ra=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/ra-2.2.0/ebin)
if [ ! -f "$ra/ra_server.beam" ]; then
  echo "found no ra 2.2.0 in /usr/lib/rabbitmq" >&2
  exit 1
fi

rm -rf build
mkdir build
dirname "$(dirname "$ra")" > build/plugins
# The package has no header files: the records of the library's messages are read from what it was compiled with.
escript records.escript "$ra/ra_server.beam" > build/ra_records.hrl
erlc -Werror -I build -o build conformance_ra.erl conformance_ra_node.erl conformance_ra_disk.erl conformance_ra_messages.erl
