#!/usr/bin/env python3
"""Answers the conformance kit (docs/conformance.md) for node.py. It only translates: lines into messages and calls, and back."""

import argparse
import dataclasses
import json
import sys

import node as raft
from bugs import BUGS
from node import Disk, Entry, Limits, Node

MESSAGES = {
    each.__name__: each
    for each in (raft.RequestVote, raft.RequestVoteResponse, raft.AppendEntries, raft.AppendEntriesResponse)
}


class Adapter:
    def __init__(self, options):
        self.options = options
        self.node = None

    def answer(self, request):
        do = request["do"]
        try:
            if do == "init":
                return self.init(request)
            if do == "deliver":
                self.node.deliver(to_message(request["message"]))
            elif do == "timeout":
                self.node.timeout(request["timer"])
            elif do == "propose":
                self.node.propose(request["commands"])
            elif do == "restart":
                self.start(self.node.disk)
            elif do != "state":
                return {"ok": False, "error": f"it cannot {do}"}
            return self.collected()
        except (AssertionError, ValueError, LookupError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def init(self, request):
        if request["version"] != 1:
            return {"ok": False, "error": f"this adapter knows version 1 of the protocol, not {request['version']}"}
        self.id, self.voters = request["id"], request["voters"]
        self.limits = Limits(*(request["settings"][name] for name in Limits._fields))
        self.start(Disk())
        return {
            **self.collected(),
            "implementation": {"name": "Figure 2", "version": "in Python"},
            # It could tell its timers too. But the chart starts its election timer anew where a newer term ends a lease, which is more
            # than Figure 2 asks, so `showsTimers` is left out.
            "capabilities": {
                "answersStale": True,
                "durable": True,
                "showsLog": True,
                "noop": self.options.noop,
                "batches": self.options.pipeline,
                "pipeline": self.options.pipeline,
            },
        }

    def start(self, disk):
        options = self.options
        bugs = frozenset(options.bug)
        self.node = Node(self.id, self.voters, disk, self.limits, options.noop, options.pipeline, bugs)

    def collected(self):
        node = self.node
        sent, node.outbox = node.outbox, []
        return {
            "ok": True,
            "state": {
                "role": node.role,
                "term": node.currentTerm,
                "votedFor": node.votedFor,
                "commitIndex": node.commitIndex,
                "log": [entry.term for entry in node.log],
            },
            "sent": [from_message(message) for message in sent],
        }


def to_message(fields):
    kind = MESSAGES[fields["type"]]
    known = {each.name: fields[each.name] for each in dataclasses.fields(kind) if each.name in fields}
    if "entries" in known:
        known["entries"] = [Entry(each["term"], each["kind"], each["payload"]) for each in known["entries"]]
    return kind(sender=fields["from"], **known)


def from_message(message):
    fields = dict(vars(message))
    if "entries" in fields:
        fields["entries"] = [entry._asdict() for entry in fields["entries"]]
    return {"type": type(message).__name__, "from": fields.pop("sender"), **fields}


def parse_options():
    parser = argparse.ArgumentParser(description="Figure 2 of the Raft paper behind the conformance kit.")
    parser.add_argument("--noop", action="store_true", help="the leader opens its term with a no-op (§8)")
    parser.add_argument("--pipeline", action="store_true", help="the leader sends on before an answer arrives")
    parser.add_argument("--bug", action="append", default=[], metavar="NAME", choices=BUGS, help="repeatable")
    parser.add_argument("--list-bugs", action="store_true", help="name, what it breaks, what it is, and where the paper says so")
    parser.add_argument("--json", action="store_true", help="with --list-bugs: as JSON")
    return parser.parse_args()


def list_bugs(isJson):
    if isJson:
        print(json.dumps([{"name": name, **bug._asdict()} for name, bug in BUGS.items()]))
        return
    width = max(map(len, BUGS))
    for name, bug in BUGS.items():
        print(f"{name:{width}}  {bug.breaks:10}  {bug.what} ({bug.paper})")
        for mode, why in bug.impossible.items():
            print(f"{'':{width}}  {'':10}  not in mode {mode}: {why}")


def main():
    options = parse_options()
    if options.list_bugs:
        list_bugs(options.json)
        return
    adapter = Adapter(options)
    for line in sys.stdin:
        print(json.dumps(adapter.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
