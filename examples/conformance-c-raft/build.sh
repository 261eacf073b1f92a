#!/bin/sh
# Builds the adapter against Debian's libraft. Needs: apt-get install gcc pkg-config libraft-dev libjansson-dev
set -eu
cd "$(dirname "$0")"
# shellcheck disable=SC2046 # pkg-config prints several words
cc -std=c11 -O1 -g -Wall -Wextra -Werror -DRAFT_VERSION="\"$(pkg-config --modversion raft)\"" \
  -o conformance-c-raft main.c node.c disk.c translate.c $(pkg-config --cflags --libs raft jansson)
