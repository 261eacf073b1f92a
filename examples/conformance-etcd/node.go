package main

import (
	"errors"
	"fmt"
	"math"

	"go.etcd.io/etcd/raft"
	pb "go.etcd.io/etcd/raft/raftpb"
)

// The library's clock is a count of ticks; here it moves only when a timer has to expire. An election takes so many
// ticks that no number of heartbeats in one test comes near a quorum check.
const (
	heartbeatTicks = 100
	electionTicks  = 1000 * heartbeatTicks
)

// node is one member on an ideal disk: all that a Ready asks for is done before the answer leaves.
type node struct {
	raw      *raft.RawNode
	disk     *disk
	id       uint64
	settings settings
	sent     []message
}

func newNode(id uint64, voters []uint64, settings settings) (*node, error) {
	n := &node{disk: newDisk(voters), id: id, settings: settings, sent: []message{}}
	return n, n.start()
}

func (n *node) start() error {
	raw, err := raft.NewRawNode(&raft.Config{
		ID:            n.id,
		ElectionTick:  electionTicks,
		HeartbeatTick: heartbeatTicks,
		Storage:       n.disk,
		// The library counts encoded bytes, and no entries: 8 and the data for each small entry.
		MaxSizePerMsg:             8*n.settings.MaxEntriesPerMessage + n.settings.MaxMessageBytes,
		MaxCommittedSizePerReady:  math.MaxUint64,
		MaxInflightMsgs:           n.settings.MaxMessagesInFlight,
		CheckQuorum:               true,
		PreVote:                   true,
		DisableProposalForwarding: true,
	})
	if err != nil {
		return err
	}
	n.raw = raw
	return n.settle(nil)
}

func (n *node) restart() error {
	if err := n.disk.crash(); err != nil {
		return err
	}
	return n.start()
}

func (n *node) deliver(m message) error {
	translated, err := toEtcd(m, n.raw.Status().Progress[m.From].Match)
	if err != nil {
		return err
	}
	if err := n.raw.Step(translated); err != nil && !errors.Is(err, raft.ErrStepPeerNotFound) {
		return err
	}
	return n.settle(&m)
}

func (n *node) timeout(timer string) error {
	switch timer {
	case "electionTimeout":
		// The drawn timeout is less than twice the minimum.
		n.quiesce(2 * electionTicks)
		n.raw.Tick()
	case "leaderLease":
		// Quiesced: also where the drawn timeout is the minimum, no election starts yet.
		n.quiesce(electionTicks)
	case "heartbeatInterval":
		for ticks := 0; ticks < heartbeatTicks && !n.raw.HasReady(); ticks++ {
			n.raw.Tick()
		}
	case "quorumCheck":
		n.quiesce(electionTicks)
		n.raw.Tick()
	default:
		return fmt.Errorf("unknown timer %q", timer)
	}
	return n.settle(nil)
}

// quiesce lets time pass without its consequences.
func (n *node) quiesce(ticks int) {
	for ; ticks > 0; ticks-- {
		n.raw.TickQuiesced()
	}
}

// propose hands in all commands as one batch. Who does not lead drops them, which is no failure.
func (n *node) propose(commands []string) error {
	proposal := pb.Message{Type: pb.MsgProp, From: n.id}
	for _, command := range commands {
		proposal.Entries = append(proposal.Entries, pb.Entry{Data: []byte(command)})
	}
	if err := n.raw.Step(proposal); err != nil && !errors.Is(err, raft.ErrProposalDropped) {
		return err
	}
	return n.settle(nil)
}

// settle does what the library asks for until it asks for nothing more: save, then send, then apply.
func (n *node) settle(answered *message) error {
	for n.raw.HasReady() {
		ready := n.raw.Ready()
		if err := n.disk.save(ready); err != nil {
			return err
		}
		for _, m := range ready.Messages {
			translated, err := toPaper(m, answered)
			if err != nil {
				return err
			}
			n.sent = append(n.sent, translated)
		}
		n.raw.Advance(ready)
	}
	return nil
}

var roles = map[raft.StateType]string{
	raft.StateFollower:     "follower",
	raft.StatePreCandidate: "preCandidate",
	raft.StateCandidate:    "candidate",
	raft.StateLeader:       "leader",
}

// state tells where the node stands.
func (n *node) state() (*state, error) {
	status := n.raw.BasicStatus()
	log, err := n.disk.terms()
	if err != nil {
		return nil, err
	}
	s := &state{
		Role:        roles[status.RaftState],
		Term:        status.Term,
		CommitIndex: status.Commit,
		Log:         log,
	}
	if status.Vote != raft.None {
		s.VotedFor = &status.Vote
	}
	return s, nil
}

// flush hands over what the node has sent since it was last asked.
func (n *node) flush() []message {
	sent := n.sent
	n.sent = []message{}
	return sent
}
