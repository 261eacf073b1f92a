package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// node is one member of the library's, with everything around it.
type node struct {
	raft      *raft.Raft
	id        uint64
	voters    voters
	settings  settings
	disk      disk
	clock     *clock
	transport *transport
}

func newNode(id uint64, ids []uint64, settings settings) (*node, error) {
	n := &node{id: id, voters: newVoters(ids), settings: settings, disk: newDisk()}
	return n, n.start()
}

func (n *node) start() error {
	config := raft.DefaultConfig()
	config.LocalID = serverID(n.id)
	config.HeartbeatTimeout = heartbeatTimeout
	config.ElectionTimeout = electionTimeout
	config.CommitTimeout = commitTimeout
	config.LeaderLeaseTimeout = leaderLeaseTimeout
	config.MaxAppendEntries = n.settings.MaxEntriesPerMessage
	config.Logger = hclog.NewNullLogger()
	n.clock = newClock()
	n.transport = newTransport(n.id)
	started, err := raft.NewRaft(config, machine{}, n.disk, n.disk, n.voters, n.transport)
	if err != nil {
		return err
	}
	n.raft = started
	return n.settle()
}

// end gets rid of the node's goroutines. Nobody hears what they do meanwhile.
func (n *node) end() error {
	n.clock.end()
	n.transport.end()
	return n.raft.Shutdown().Error()
}

func (n *node) restart() error {
	kept, err := n.disk.copy()
	if err != nil {
		return err
	}
	if err := n.end(); err != nil {
		return err
	}
	n.disk = kept
	return n.start()
}

// settle waits until nothing more comes of what was done.
func (n *node) settle() error {
	for {
		if err := rest(); err != nil {
			return err
		}
		if !n.clock.release() {
			return nil
		}
	}
}

func (n *node) deliver(m message) error {
	if m.Type == "RequestVoteResponse" || m.Type == "AppendEntriesResponse" {
		n.transport.answer(m)
		return n.settle()
	}
	request, err := toRequest(m)
	if err != nil {
		return err
	}
	answered := make(chan raft.RPCResponse, 1)
	select {
	case n.transport.inbox <- raft.RPC{Command: request, RespChan: answered}:
	default:
		return errors.New("the library takes no requests any more")
	}
	if err := n.settle(); err != nil {
		return err
	}
	select {
	case response := <-answered:
		if response.Error != nil {
			return response.Error
		}
		answer, err := fromResponse(response.Response, m)
		if err != nil {
			return err
		}
		n.transport.reply(answer)
	default:
	}
	return nil
}

func (n *node) timeout(name string) error {
	switch name {
	case "electionTimeout":
		// The drawn timeout is less than twice the minimum; a follower then looks how long it has not heard of a leader.
		n.clock.advance(2 * heartbeatTimeout)
		return n.fire(election)
	case "heartbeatInterval":
		return n.heartbeat()
	case "quorumCheck":
		// So that what was heard since the last check is within the lease, and nothing that was heard before.
		n.clock.advance(leaderLeaseTimeout - n.clock.since(lease) + 1)
		return n.fire(lease)
	default:
		return fmt.Errorf("unknown timer %q", name)
	}
}

func (n *node) fire(timers ...kind) error {
	for _, each := range timers {
		n.clock.fire(each)
		if err := n.settle(); err != nil {
			return err
		}
	}
	return nil
}

// heartbeat lets an interval pass. A request of this term that has not been answered by then has timed out, which the library
// answers by a pause, shorter than the interval; one of an earlier term waits on. Heartbeats come first, so that the order of
// what is sent does not depend on who runs first.
func (n *node) heartbeat() error {
	term, err := n.number("term")
	if err != nil {
		return err
	}
	if err := n.timeOut(term, isHeartbeat); err != nil {
		return err
	}
	if err := n.fire(backoff, heartbeat); err != nil {
		return err
	}
	if err := n.timeOut(term, isReplication); err != nil {
		return err
	}
	return n.fire(commit, backoff)
}

func (n *node) timeOut(term uint64, isMeant func(message) bool) error {
	n.transport.timeOut(func(each *call) bool { return each.request.Term == term && isMeant(each.request) })
	return n.settle()
}

// propose hands in each command once the one before has been taken: the library gathers what comes at the same time, which
// depends on who runs first. Who does not lead refuses, which is no failure.
func (n *node) propose(commands []string) error {
	for _, command := range commands {
		go n.raft.Apply([]byte(command), 0)
		if err := n.settle(); err != nil {
			return err
		}
	}
	return nil
}

var roles = map[raft.RaftState]string{
	raft.Follower:  "follower",
	raft.Candidate: "candidate",
	raft.Leader:    "leader",
}

// state tells where the node stands.
func (n *node) state() (*state, error) {
	term, err := n.number("term")
	if err != nil {
		return nil, err
	}
	commitIndex, err := n.number("commit_index")
	if err != nil {
		return nil, err
	}
	votedFor, err := n.disk.votedIn(term)
	if err != nil {
		return nil, err
	}
	terms, err := n.disk.terms()
	return &state{Role: roles[n.raft.State()], Term: term, VotedFor: votedFor, CommitIndex: commitIndex, Log: terms}, err
}

// number is one of the library's statistics.
func (n *node) number(name string) (uint64, error) {
	return strconv.ParseUint(n.raft.Stats()[name], 10, 64)
}
