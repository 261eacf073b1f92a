"""One member of a PySyncObj cluster whose clock, network and disk belong to the adapter. Every decision of the protocol is the library's."""

import os

import pysyncobj.syncobj
from pysyncobj import SyncObj, SyncObjConf, replicated
from pysyncobj.node import Node as PeerNode
from pysyncobj.transport import Transport

ROLES = ("follower", "candidate", "leader")  # The order of pysyncobj.syncobj._RAFT_STATE.

# In units of the stopped clock. What comes by itself lies so far off that no path gets there.
HEARTBEAT = 1
ELECTION = 1_000_000
NEVER = 10**15


class Clock:
    """Stands still unless it is told to move. Only differences matter to the library."""

    now = 0

    def __call__(self):
        return self.now


CLOCK = Clock()
# The library has no parameter for its clock; in syncobj.py all protocol code reads it through this one name.
assert callable(pysyncobj.syncobj.monotonicTime)
pysyncobj.syncobj.monotonicTime = CLOCK


class Network(Transport):
    """Collects what is sent. The library takes any transport: its own one, over TCP, is the default for this parameter."""

    def __init__(self, peers):
        super().__init__(None, None, [])
        self.peers = {peer.id: peer for peer in peers}
        self.sent = []

    def connect(self):
        for peer in self.peers.values():
            self._onNodeConnected(peer)

    def send(self, node, message):
        self.sent.append((node.id, message))
        return True

    def deliver(self, sender, message):
        self._onMessageReceived(self.peers[sender], message)

    def take_sent(self):
        sent, self.sent = self.sent, []
        return sent


class Machine(SyncObj):
    """The replicated object. What its commands do is of no interest here."""

    @replicated
    def command(self, text):
        pass


class Member:
    """A member that is killed and started again on the same journal."""

    def __init__(self, own_id, voters, folder):
        self.id = own_id
        self.peers = [PeerNode(voter) for voter in voters if voter != own_id]
        self.journal = os.path.join(folder, "journal")
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        self.start()

    def start(self):
        """Also after a crash: the object that ran before is dropped as it is, and destroy(), which would flush its journal, is not called."""
        self.network = Network(self.peers)
        conf = SyncObjConf(
            autoTick=False,
            journalFile=self.journal,
            # A client's command fails at once where there is no leader, rather than waiting for one.
            commandsWaitLeader=False,
            appendEntriesPeriod=HEARTBEAT,
            raftMinTimeout=ELECTION,
            raftMaxTimeout=ELECTION + 1,
            connectionTimeout=NEVER,
            leaderFallbackTimeout=NEVER,
            logCompactionMinTime=NEVER,
        )
        self.machine = Machine(PeerNode(self.id), self.peers, conf, transport=self.network)
        self.network.connect()
        self.come_to_rest()

    def deliver(self, sender, message):
        self.network.deliver(sender, message)
        self.come_to_rest()

    def propose(self, texts):
        for text in texts:
            self.machine.command(text)
        self.come_to_rest()

    def expire_election_timeout(self):
        self.expire("raftElectionDeadline")

    def expire_heartbeat(self):
        self.expire("newAppendEntriesTime")

    def expire(self, deadline):
        CLOCK.now = max(CLOCK.now, self.private(deadline)) + HEARTBEAT / 2
        self.come_to_rest()

    def come_to_rest(self):
        """
        The library works in ticks, in the caller's thread. With the clock stopped, one that changes and sends nothing is followed by
        nothing else: then the member is at rest.
        """
        before = None
        while before != (before := self.observed()):
            self.machine.doTick()

    def observed(self):
        return (self.role, self.term, self.voted_for, self.commit_index, self.machine.raftLastApplied, len(self.log), len(self.network.sent))

    @property
    def command_number(self):
        """The library numbers its replicated methods, and an entry names one by its number."""
        return self.machine._methodToID["command_v0"]

    def private(self, name):
        return getattr(self.machine, f"_SyncObj__{name}")

    @property
    def role(self):
        return ROLES[self.private("raftState")]

    @property
    def term(self):
        return self.machine.raftCurrentTerm

    @property
    def voted_for(self):
        return self.private("votedForNodeId")

    @property
    def commit_index(self):
        return self.machine.raftCommitIndex

    @property
    def log(self):
        return self.private("raftLog")[:]
