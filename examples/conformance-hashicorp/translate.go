package main

import (
	"fmt"

	"github.com/hashicorp/raft"
)

var header = raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax}

// toRequest translates a request that is delivered.
func toRequest(m message) (interface{}, error) {
	peer := []byte(addressOf(m.From))
	switch m.Type {
	case "RequestVote":
		return &raft.RequestVoteRequest{
			RPCHeader:    header,
			Term:         m.Term,
			Candidate:    peer,
			LastLogIndex: value(m.LastLogIndex),
			LastLogTerm:  value(m.LastLogTerm),
		}, nil
	case "AppendEntries":
		to := &raft.AppendEntriesRequest{
			RPCHeader:         header,
			Term:              m.Term,
			Leader:            peer,
			PrevLogEntry:      value(m.PrevLogIndex),
			PrevLogTerm:       value(m.PrevLogTerm),
			LeaderCommitIndex: value(m.LeaderCommit),
		}
		for at, entry := range entriesOf(m) {
			to.Entries = append(to.Entries, entry.toLibrary(to.PrevLogEntry+uint64(at)+1))
		}
		return to, nil
	default:
		return nil, fmt.Errorf("unknown message type %q", m.Type)
	}
}

// fromResponse translates what the node answers to a request.
func fromResponse(response interface{}, to message) (message, error) {
	from := message{From: to.To, To: to.From}
	switch r := response.(type) {
	case *raft.RequestVoteResponse:
		from.Type, from.Term, from.VoteGranted = "RequestVoteResponse", r.Term, &r.Granted
	case *raft.AppendEntriesResponse:
		from.Type, from.Term, from.Success = "AppendEntriesResponse", r.Term, &r.Success
		from.PrevLogIndex, from.MatchIndex = to.PrevLogIndex, new(uint64)
		if r.Success {
			// "Success" acknowledges the request's entries: the leader's updateLastAppended.
			*from.MatchIndex = endOf(to)
		}
	default:
		return from, fmt.Errorf("unknown response %T", response)
	}
	return from, nil
}

func fromRequestVote(local, peer raft.ServerAddress, r *raft.RequestVoteRequest) (message, error) {
	from, err := between(local, peer)
	from.Type, from.Term = "RequestVote", r.Term
	from.LastLogIndex, from.LastLogTerm = &r.LastLogIndex, &r.LastLogTerm
	return from, err
}

func fromAppendEntries(local, peer raft.ServerAddress, r *raft.AppendEntriesRequest) (message, error) {
	from, err := between(local, peer)
	entries := []entry{}
	for _, each := range r.Entries {
		entries = append(entries, toEntry(each))
	}
	// The library uses one request again and again.
	prevLogIndex, prevLogTerm, leaderCommit := r.PrevLogEntry, r.PrevLogTerm, r.LeaderCommitIndex
	from.Type, from.Term = "AppendEntries", r.Term
	from.PrevLogIndex, from.PrevLogTerm, from.LeaderCommit, from.Entries = &prevLogIndex, &prevLogTerm, &leaderCommit, &entries
	return from, err
}

func between(local, peer raft.ServerAddress) (message, error) {
	from, err := nodeID(local)
	if err != nil {
		return message{}, err
	}
	to, err := nodeID(peer)
	return message{From: from, To: to}, err
}

func toRequestVoteResponse(m message) raft.RequestVoteResponse {
	return raft.RequestVoteResponse{RPCHeader: header, Term: m.Term, Granted: isTrue(m.VoteGranted)}
}

func toAppendEntriesResponse(m message) raft.AppendEntriesResponse {
	success := isTrue(m.Success)
	return raft.AppendEntriesResponse{
		RPCHeader: header,
		Term:      m.Term,
		LastLog:   lastLogOf(m),
		Success:   success,
		// The library's own followers say so where prevLogIndex does not match.
		NoRetryBackoff: !success,
	}
}

// lastLogOf is the last index of the follower, as far as its answer tells: of a log that holds another entry at prevLogIndex
// it says only that it reaches so far.
func lastLogOf(m message) uint64 {
	switch {
	case isTrue(m.Success):
		return value(m.MatchIndex)
	case value(m.ConflictTerm) == 0 && value(m.ConflictIndex) > 0:
		return value(m.ConflictIndex) - 1
	default:
		return value(m.PrevLogIndex)
	}
}

// isAnswerTo tells whether a message can be the answer to this request: who answers is in its term, or in a later one.
func isAnswerTo(m, request message) bool {
	return m.Type == request.Type+"Response" && m.From == request.To && m.Term >= request.Term
}

// fit grades to which of several requests a message is the answer: the best is of its term and speaks of the same entries.
func fit(m, request message) int {
	grade := 0
	if m.Term == request.Term {
		grade = 2
	}
	isSame := value(m.PrevLogIndex) == value(request.PrevLogIndex) &&
		(!isTrue(m.Success) || value(m.MatchIndex) == endOf(request))
	if isSame {
		grade++
	}
	return grade
}

// isHeartbeat tells the library's heartbeats from what its replication sends, as its NetworkTransport does.
func isHeartbeat(m message) bool {
	return m.Type == "AppendEntries" && endOf(m) == 0 && value(m.LeaderCommit) == 0
}

func isReplication(m message) bool { return m.Type == "AppendEntries" && !isHeartbeat(m) }

// endOf is the last entry that an AppendEntries speaks of.
func endOf(m message) uint64 { return value(m.PrevLogIndex) + uint64(len(entriesOf(m))) }

func entriesOf(m message) []entry {
	if m.Entries == nil {
		return nil
	}
	return *m.Entries
}

func value(index *uint64) uint64 {
	if index == nil {
		return 0
	}
	return *index
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
