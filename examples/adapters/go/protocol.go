package main

// The lines between the kit and this adapter: docs/conformance.md. This file stays as it is.

const protocolVersion = 1

type Request struct {
	Do       string      `json:"do"`
	Version  int         `json:"version"`
	ID       uint64      `json:"id"`
	Voters   []uint64    `json:"voters"`
	Settings Settings    `json:"settings"`
	Message  *KitMessage `json:"message"`
	Timer    string      `json:"timer"`
	Commands []string    `json:"commands"`
}

type Settings struct {
	MaxEntriesPerMessage int `json:"maxEntriesPerMessage"`
	MaxMessageBytes      int `json:"maxMessageBytes"`
	MaxMessagesInFlight  int `json:"maxMessagesInFlight"`
}

type Answer struct {
	OK             bool            `json:"ok"`
	Error          string          `json:"error,omitempty"`
	State          *State          `json:"state,omitempty"`
	Sent           *[]KitMessage   `json:"sent,omitempty"`
	Implementation *Implementation `json:"implementation,omitempty"`
	Capabilities   map[string]bool `json:"capabilities,omitempty"`
}

type State struct {
	Role        string   `json:"role"`
	Term        uint64   `json:"term"`
	VotedFor    *uint64  `json:"votedFor"`
	CommitIndex uint64   `json:"commitIndex"`
	Log         []uint64 `json:"log"`
}

type Implementation struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// KitMessage is any message of Figure 2: a pointer is nil where a type of message has no such field.
type KitMessage struct {
	Type          string      `json:"type"`
	From          uint64      `json:"from"`
	To            uint64      `json:"to"`
	Term          uint64      `json:"term"`
	LastLogIndex  *uint64     `json:"lastLogIndex,omitempty"`
	LastLogTerm   *uint64     `json:"lastLogTerm,omitempty"`
	VoteGranted   *bool       `json:"voteGranted,omitempty"`
	PrevLogIndex  *uint64     `json:"prevLogIndex,omitempty"`
	PrevLogTerm   *uint64     `json:"prevLogTerm,omitempty"`
	Entries       *[]KitEntry `json:"entries,omitempty"`
	LeaderCommit  *uint64     `json:"leaderCommit,omitempty"`
	Success       *bool       `json:"success,omitempty"`
	MatchIndex    *uint64     `json:"matchIndex,omitempty"`
	ConflictTerm  *uint64     `json:"conflictTerm,omitempty"`
	ConflictIndex *uint64     `json:"conflictIndex,omitempty"`
}

type KitEntry struct {
	Term    uint64 `json:"term"`
	Kind    string `json:"kind"`
	Payload string `json:"payload"`
}
