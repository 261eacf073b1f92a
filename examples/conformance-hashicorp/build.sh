#!/bin/sh
# Builds the adapter against a copy of Debian's hashicorp/raft in which the clock is replaced.
# Needs: apt-get install golang-go golang-github-hashicorp-raft-dev
set -eu
cd "$(dirname "$0")"

# Debian's Go packages are sources in one GOPATH, without modules: nothing is fetched.
debian=/usr/share/gocode
library=src/github.com/hashicorp/raft
# The files that set timers, as they are in 1.1.2: of any other version the README says nothing.
(cd "$debian/$library" && sha256sum --check --quiet) <<'SUMS'
45475aa4f3bf41e79594df465db229048dc947bc9b6816dab244987942970e46  raft.go
f9bf9b5748bab8a32ee3053af9d073815253f906585b49f6efbdaac33118c282  replication.go
800e69a16ab0e8f6010a1e7dfc595ada0a04b9ad4d588f616895eed70f22aa1b  util.go
SUMS

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/$library"
cp "$debian/$library"/*.go patch/hooks.go "$copy/$library"
for file in raft.go replication.go util.go; do
  sed -i 's/\btime\.After(/After(/g; s/\btime\.Now()/Now()/g' "$copy/$library/$file"
  if grep -n 'time\.\(After\|Now\|Sleep\|Tick\|NewTimer\|NewTicker\)\b' "$copy/$library/$file"; then
    echo "$file still reads the clock of the machine" >&2
    exit 1
  fi
done

GO111MODULE=off GOFLAGS= GOPATH="$copy:$debian" go build -o conformance-hashicorp .
