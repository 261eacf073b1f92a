#!/bin/sh
# Builds the adapter against Debian's etcd raft library. Needs: apt-get install golang-go golang-etcd-server-dev
set -eu
cd "$(dirname "$0")"
# Debian's Go packages are sources in one GOPATH, without modules: nothing is fetched.
GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode go build -o conformance-etcd .
