#!/usr/bin/python3
"""Answers the conformance kit (docs/conformance.md) for PySyncObj. It only translates: node.py runs the library."""

import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from pysyncobj.version import VERSION

from messages import from_index, from_library, to_library
from node import Member

PROTOCOL_VERSION = 1
CAPABILITIES = {
    "noop": True,
    "batches": True,
    "showsLog": True,
    "retriesAtHeartbeat": True,
    "silentRefusals": True,
    "termlessAnswers": True,
}


class CannotDo(Exception):
    """The kit asks for something that neither the library nor this adapter has."""


class Adapter:
    def __init__(self, folder):
        self.folder = folder
        self.member = None

    def answer(self, request):
        do = request["do"]
        if do == "init":
            if request["version"] != PROTOCOL_VERSION:
                raise CannotDo(f"protocol version {request['version']}: this adapter speaks {PROTOCOL_VERSION}")
            self.member = Member(request["id"], request["voters"], self.folder)
            implementation = {"name": "PySyncObj", "version": VERSION}
            return {**self.collected(), "implementation": implementation, "capabilities": CAPABILITIES}
        if self.member is None:
            raise CannotDo("there is no node yet: init comes first")
        if do == "deliver":
            self.deliver(request["message"])
        elif do == "timeout":
            self.expire(request["timer"])
        elif do == "propose":
            self.member.propose(request["commands"])
        elif do == "restart":
            self.member.start()
        elif do != "state":
            raise CannotDo(f"there is no {do} here")
        return self.collected()

    def deliver(self, message):
        translated = to_library(message, self.member.command_number)
        if translated is not None:
            self.member.deliver(message["from"], translated)

    def expire(self, timer):
        if timer == "electionTimeout":
            self.member.expire_election_timeout()
        elif timer == "heartbeatInterval":
            self.member.expire_heartbeat()
        else:
            raise CannotDo(f"there is no timer {timer} here")

    def collected(self):
        member = self.member
        sent = [from_library(message, member.id, to, member.term) for to, message in member.network.take_sent()]
        return {
            "ok": True,
            "state": {
                "role": member.role,
                "term": member.term,
                "votedFor": member.voted_for,
                "commitIndex": from_index(member.commit_index),
                "log": [term for _, _, term in member.log[1:]],
            },
            "sent": [message for message in sent if message is not None],
        }


def main():
    logging.basicConfig(stream=sys.stderr)
    folder = own_folder()
    try:
        adapter = Adapter(folder)
        for line in sys.stdin:
            try:
                answer = adapter.answer(json.loads(line))
            except Exception as error:  # The library may fail in any way. That is an answer too.
                answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
    finally:
        shutil.rmtree(folder)


def own_folder():
    """A folder for the journal. The kit kills its adapters, which cannot clear up then: whoever comes next does it for them."""
    prefix = "conformance-pysyncobj-"
    parent = Path(tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*"):
        if not is_running(left.name[len(prefix):]):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{prefix}{os.getpid()}"
    folder.mkdir(mode=0o700)
    return folder


def is_running(pid):
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):  # Somebody else's.
        return True
    return True


if __name__ == "__main__":
    main()
