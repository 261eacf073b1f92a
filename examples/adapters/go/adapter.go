package main

import "fmt"

// YOUR LIBRARY: everything in this file. The frame, main.go, calls the methods of adapter by their names.

// Its name and version, and what it has; see "Capabilities" in docs/conformance.md. Begin with none and add one at a time: each makes
// the comparison stricter.
var (
	thisImplementation = Implementation{Name: "example node in Go", Version: "1"}
	capabilities       = map[string]bool{
		"durable":      true,
		"showsLog":     true,
		"batches":      true,
		"noop":         true,
		"answersStale": true,
	}
)

// adapter holds one node, and the disk that a restart leaves.
type adapter struct {
	request Request
	disk    *Disk
	node    *Node
}

// init forgets everything, and starts a node on an empty disk: a follower in term 0.
func (a *adapter) init(request Request) {
	a.request = request
	a.disk = &Disk{}
	a.start()
}

func (a *adapter) start() {
	r := a.request
	a.node = NewNode(r.ID, r.Voters, a.disk, r.Settings.MaxEntriesPerMessage, r.Settings.MaxMessageBytes)
}

// restart is a crash, not a shutdown: whatever was not on the disk is gone.
func (a *adapter) restart() { a.start() }

func (a *adapter) deliver(m KitMessage) error {
	message, err := fromKit(m)
	if err == nil {
		a.node.Receive(message)
	}
	return err
}

// timeout lets a timer expire. None may ever expire by itself: if your library reads the clock, give it one that stands still.
func (a *adapter) timeout(timer string) error {
	switch timer {
	case "electionTimeout":
		a.node.ElectionTimeout()
	case "heartbeatInterval":
		a.node.Heartbeat()
	default:
		return fmt.Errorf("there is no timer %s here", timer)
	}
	return nil
}

// propose: a node that does not lead refuses, which is no error.
func (a *adapter) propose(commands []string) { a.node.Propose(commands) }

func (a *adapter) state() *State {
	s := &State{Role: string(a.node.role), Term: a.disk.currentTerm, CommitIndex: a.node.commitIndex, Log: []uint64{}}
	if a.disk.votedFor != none {
		s.VotedFor = &a.disk.votedFor
	}
	for _, entry := range a.disk.log {
		s.Log = append(s.Log, entry.Term)
	}
	return s
}

// takeSent returns what has left the node since the last request. If your library works in the background, wait here until it has come
// to rest.
func (a *adapter) takeSent() []KitMessage {
	sent := []KitMessage{}
	for _, message := range a.node.outbox {
		sent = append(sent, toKit(message))
	}
	a.node.outbox = nil
	return sent
}

// fromKit translates a message of the kit, which has all its fields.
func fromKit(m KitMessage) (Message, error) {
	envelope := Envelope{m.From, m.To, m.Term}
	switch m.Type {
	case "RequestVote":
		return RequestVote{envelope, *m.LastLogIndex, *m.LastLogTerm}, nil
	case "RequestVoteResponse":
		return RequestVoteResponse{envelope, *m.VoteGranted}, nil
	case "AppendEntries":
		entries := []Entry{}
		for _, entry := range *m.Entries {
			entries = append(entries, Entry{Term: entry.Term, IsNoop: entry.Kind == "noop", Command: entry.Payload})
		}
		return AppendEntries{envelope, *m.PrevLogIndex, *m.PrevLogTerm, entries, *m.LeaderCommit}, nil
	case "AppendEntriesResponse":
		return AppendEntriesResponse{envelope, *m.Success, *m.PrevLogIndex, *m.MatchIndex}, nil
	}
	return nil, fmt.Errorf("there is no %s here", m.Type)
}

// toKit translates a message of the node. What a library does not have, such as conflictTerm, is left out: it is not compared.
func toKit(message Message) KitMessage {
	envelope := message.envelope()
	to := KitMessage{From: envelope.From, To: envelope.To, Term: envelope.Term}
	switch m := message.(type) {
	case RequestVote:
		to.Type = "RequestVote"
		to.LastLogIndex, to.LastLogTerm = &m.LastLogIndex, &m.LastLogTerm
	case RequestVoteResponse:
		to.Type = "RequestVoteResponse"
		to.VoteGranted = &m.VoteGranted
	case AppendEntries:
		to.Type = "AppendEntries"
		entries := []KitEntry{}
		for _, entry := range m.Entries {
			kind := "command"
			if entry.IsNoop {
				kind = "noop"
			}
			entries = append(entries, KitEntry{Term: entry.Term, Kind: kind, Payload: entry.Command})
		}
		to.PrevLogIndex, to.PrevLogTerm = &m.PrevLogIndex, &m.PrevLogTerm
		to.Entries, to.LeaderCommit = &entries, &m.LeaderCommit
	case AppendEntriesResponse:
		to.Type = "AppendEntriesResponse"
		to.Success, to.PrevLogIndex, to.MatchIndex = &m.Success, &m.PrevLogIndex, &m.MatchIndex
	}
	return to
}
