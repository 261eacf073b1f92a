package main

import (
	"fmt"

	pb "go.etcd.io/etcd/raft/raftpb"
)

// toEtcd translates a message that is delivered. matched is what the node, if it leads, knows the sender to hold.
func toEtcd(m message, matched uint64) (pb.Message, error) {
	to := pb.Message{From: m.From, To: m.To, Term: m.Term}
	switch m.Type {
	case "RequestVote", "PreVote":
		to.Type = pb.MsgVote
		if m.Type == "PreVote" {
			to.Type = pb.MsgPreVote
		}
		to.Index, to.LogTerm = value(m.LastLogIndex), value(m.LastLogTerm)
	case "RequestVoteResponse", "PreVoteResponse":
		to.Type = pb.MsgVoteResp
		if m.Type == "PreVoteResponse" {
			to.Type = pb.MsgPreVoteResp
		}
		to.Reject = !isTrue(m.VoteGranted)
	case "AppendEntries":
		// A heartbeat of the library is a message of its own, without prevLogIndex. An empty MsgApp keeps all of it.
		to.Type = pb.MsgApp
		to.Index, to.LogTerm, to.Commit = value(m.PrevLogIndex), value(m.PrevLogTerm), value(m.LeaderCommit)
		if m.Entries != nil {
			for at, entry := range *m.Entries {
				to.Entries = append(to.Entries, entry.toEtcd(to.Index+uint64(at)+1))
			}
		}
	case "AppendEntriesResponse":
		to.Type = pb.MsgAppResp
		prevLogIndex, matchIndex := value(m.PrevLogIndex), value(m.MatchIndex)
		switch {
		case !isTrue(m.Success):
			to.Reject, to.Index, to.RejectHint = true, prevLogIndex, rejectHint(m)
		case matchIndex == prevLogIndex && matchIndex <= matched:
			// Answers a message without entries and says nothing new: it is how a heartbeat is answered.
			to.Type = pb.MsgHeartbeatResp
		default:
			to.Index = matchIndex
		}
	default:
		return to, fmt.Errorf("unknown message type %q", m.Type)
	}
	return to, nil
}

// rejectHint is the last index of the follower that refused, as far as the refusal tells it: of a log that holds
// another entry at prevLogIndex it says only that it reaches so far.
func rejectHint(m message) uint64 {
	if value(m.ConflictTerm) == 0 && value(m.ConflictIndex) > 0 {
		return value(m.ConflictIndex) - 1
	}
	return value(m.PrevLogIndex)
}

// toPaper translates a message that the node sends. answered is the message that was being delivered, if any: the
// library's answers do not repeat the prevLogIndex that they answer.
func toPaper(m pb.Message, answered *message) (message, error) {
	to := message{From: m.From, To: m.To, Term: m.Term}
	granted, zero := !m.Reject, uint64(0)
	switch m.Type {
	case pb.MsgVote, pb.MsgPreVote:
		to.Type = "RequestVote"
		if m.Type == pb.MsgPreVote {
			to.Type = "PreVote"
		}
		to.LastLogIndex, to.LastLogTerm = &m.Index, &m.LogTerm
	case pb.MsgVoteResp, pb.MsgPreVoteResp:
		to.Type = "RequestVoteResponse"
		if m.Type == pb.MsgPreVoteResp {
			to.Type = "PreVoteResponse"
		}
		to.VoteGranted = &granted
	case pb.MsgApp, pb.MsgHeartbeat:
		// A heartbeat has neither index nor term of an entry: both stay 0.
		entries := []entry{}
		for _, e := range m.Entries {
			entries = append(entries, fromEtcd(e))
		}
		to.Type = "AppendEntries"
		to.PrevLogIndex, to.PrevLogTerm, to.LeaderCommit, to.Entries = &m.Index, &m.LogTerm, &m.Commit, &entries
	case pb.MsgAppResp:
		to.Type = "AppendEntriesResponse"
		to.PrevLogIndex, to.MatchIndex, to.ConflictTerm, to.ConflictIndex = &m.Index, &zero, &zero, &zero
		if answered != nil && answered.PrevLogIndex != nil {
			to.PrevLogIndex = answered.PrevLogIndex
		}
		// A message of an older term is answered by a MsgAppResp with the newer term and nothing else. It is no
		// acknowledgement, so it is the paper's refusal.
		success := granted && (answered == nil || answered.Term >= m.Term)
		to.Success = &success
		switch {
		case success:
			to.MatchIndex = &m.Index
		case m.Reject:
			next := m.Index
			if m.RejectHint+1 < next {
				next = m.RejectHint + 1
			}
			to.ConflictIndex = &next
		}
	default:
		return to, fmt.Errorf("the protocol has no message for %s", m.Type)
	}
	return to, nil
}

func value(index *uint64) uint64 {
	if index == nil {
		return 0
	}
	return *index
}

func isTrue(flag *bool) bool { return flag != nil && *flag }
