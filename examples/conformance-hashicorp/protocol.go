package main

import "github.com/hashicorp/raft"

// The lines between the kit and this adapter: docs/conformance.md.

const protocolVersion = 1

type request struct {
	Do       string   `json:"do"`
	Version  int      `json:"version"`
	ID       uint64   `json:"id"`
	Voters   []uint64 `json:"voters"`
	Settings settings `json:"settings"`
	Message  *message `json:"message"`
	Timer    string   `json:"timer"`
	Commands []string `json:"commands"`
}

type settings struct {
	MaxEntriesPerMessage int `json:"maxEntriesPerMessage"`
}

type response struct {
	OK             bool            `json:"ok"`
	Error          string          `json:"error,omitempty"`
	State          *state          `json:"state,omitempty"`
	Sent           *[]message      `json:"sent,omitempty"`
	Implementation *implementation `json:"implementation,omitempty"`
	Capabilities   map[string]bool `json:"capabilities,omitempty"`
}

type state struct {
	Role        string   `json:"role"`
	Term        uint64   `json:"term"`
	VotedFor    *uint64  `json:"votedFor"`
	CommitIndex uint64   `json:"commitIndex"`
	Log         []uint64 `json:"log"`
}

type implementation struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// message is any message of Figure 2: a pointer is nil where a type of message has no such field.
type message struct {
	Type          string   `json:"type"`
	From          uint64   `json:"from"`
	To            uint64   `json:"to"`
	Term          uint64   `json:"term"`
	LastLogIndex  *uint64  `json:"lastLogIndex,omitempty"`
	LastLogTerm   *uint64  `json:"lastLogTerm,omitempty"`
	VoteGranted   *bool    `json:"voteGranted,omitempty"`
	PrevLogIndex  *uint64  `json:"prevLogIndex,omitempty"`
	PrevLogTerm   *uint64  `json:"prevLogTerm,omitempty"`
	Entries       *[]entry `json:"entries,omitempty"`
	LeaderCommit  *uint64  `json:"leaderCommit,omitempty"`
	Success       *bool    `json:"success,omitempty"`
	MatchIndex    *uint64  `json:"matchIndex,omitempty"`
	ConflictTerm  *uint64  `json:"conflictTerm,omitempty"`
	ConflictIndex *uint64  `json:"conflictIndex,omitempty"`
}

type entry struct {
	Term    uint64 `json:"term"`
	Kind    string `json:"kind"`
	Payload string `json:"payload"`
}

func (e entry) toLibrary(index uint64) *raft.Log {
	to := &raft.Log{Index: index, Term: e.Term, Type: raft.LogCommand, Data: []byte(e.Payload)}
	if e.Kind == "noop" {
		to.Type = raft.LogNoop
	}
	return to
}

func toEntry(l *raft.Log) entry {
	kind := "command"
	if l.Type == raft.LogNoop {
		kind = "noop"
	}
	return entry{Term: l.Term, Kind: kind, Payload: string(l.Data)}
}
