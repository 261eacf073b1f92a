package main

import (
	"os"
	"sort"
)

// The example node: Raft as Figure 2 of the paper has it, with a no-op at the start of each term (paper §8).
//
// It does no I/O, has no clock and rolls no dice: whoever owns it hands in messages and timeouts, and takes what it has put into
// outbox. Delete this file once your own library is in its place.

// A bug to see the kit at work: with PLANT_BUG=1 the node votes more than once in a term.
var votesTwice = os.Getenv("PLANT_BUG") == "1"

type Role string

const (
	Follower  Role = "follower"
	Candidate Role = "candidate"
	Leader    Role = "leader"
)

// none stands for no node.
const none = 0

type Entry struct {
	Term uint64
	// IsNoop: the no-op of a new leader; it has no command.
	IsNoop  bool
	Command string
}

// Message is one of the four below.
type Message interface{ envelope() Envelope }

type Envelope struct {
	From, To, Term uint64
}

func (e Envelope) envelope() Envelope { return e }

type RequestVote struct {
	Envelope
	LastLogIndex, LastLogTerm uint64
}

type RequestVoteResponse struct {
	Envelope
	VoteGranted bool
}

type AppendEntries struct {
	Envelope
	PrevLogIndex, PrevLogTerm uint64
	Entries                   []Entry
	LeaderCommit              uint64
}

type AppendEntriesResponse struct {
	Envelope
	Success bool
	// PrevLogIndex is that of the request, MatchIndex 0 if it is refused.
	PrevLogIndex, MatchIndex uint64
}

// Disk is what a crash leaves: Figure 2, Persistent state on all servers.
type Disk struct {
	currentTerm uint64
	votedFor    uint64
	log         []Entry
}

type Node struct {
	id          uint64
	peers       []uint64
	majority    int
	disk        *Disk
	maxEntries  int
	maxBytes    int
	role        Role
	commitIndex uint64
	votes       map[uint64]bool
	nextIndex   map[uint64]uint64
	matchIndex  map[uint64]uint64
	outbox      []Message
}

func NewNode(id uint64, voters []uint64, disk *Disk, maxEntries, maxBytes int) *Node {
	n := &Node{id: id, majority: len(voters)/2 + 1, disk: disk, maxEntries: maxEntries, maxBytes: maxBytes, role: Follower}
	for _, voter := range voters {
		if voter != id {
			n.peers = append(n.peers, voter)
		}
	}
	return n
}

// Receive handles a message. Figure 2, Rules for Servers, All Servers.
func (n *Node) Receive(message Message) {
	if term := message.envelope().Term; term > n.disk.currentTerm {
		n.enterTerm(term)
	}
	switch m := message.(type) {
	case RequestVote:
		n.onRequestVote(m)
	case RequestVoteResponse:
		n.onVote(m)
	case AppendEntries:
		n.onAppendEntries(m)
	case AppendEntriesResponse:
		n.onAppendResponse(m)
	}
}

// ElectionTimeout starts an election. Figure 2, Followers and Candidates.
func (n *Node) ElectionTimeout() {
	if n.role == Leader {
		return
	}
	n.enterTerm(n.disk.currentTerm + 1)
	n.role = Candidate
	n.disk.votedFor = n.id
	n.votes = map[uint64]bool{n.id: true}
	for _, peer := range n.peers {
		n.send(RequestVote{n.to(peer), n.lastIndex(), n.termAt(n.lastIndex())})
	}
	n.becomeLeaderIfElected()
}

// Heartbeat is what a leader does again and again.
func (n *Node) Heartbeat() {
	if n.role == Leader {
		n.appendToAll()
	}
}

// Propose appends commands, and says whether it could: only a leader can.
func (n *Node) Propose(commands []string) bool {
	if n.role != Leader {
		return false
	}
	for _, command := range commands {
		n.disk.log = append(n.disk.log, Entry{Term: n.disk.currentTerm, Command: command})
	}
	n.appendToAll()
	n.advanceCommitIndex()
	return true
}

// Elections: paper §5.2, §5.4.1

func (n *Node) enterTerm(term uint64) {
	n.disk.currentTerm = term
	n.disk.votedFor = none
	n.role = Follower
}

func (n *Node) onRequestVote(request RequestVote) {
	lastTerm := n.termAt(n.lastIndex())
	isFree := n.disk.votedFor == none || n.disk.votedFor == request.From || votesTwice
	isUpToDate := request.LastLogTerm > lastTerm ||
		(request.LastLogTerm == lastTerm && request.LastLogIndex >= n.lastIndex())
	granted := request.Term == n.disk.currentTerm && isFree && isUpToDate
	if granted {
		n.disk.votedFor = request.From
	}
	n.send(RequestVoteResponse{n.to(request.From), granted})
}

func (n *Node) onVote(response RequestVoteResponse) {
	if n.role != Candidate || response.Term < n.disk.currentTerm || !response.VoteGranted {
		return
	}
	n.votes[response.From] = true
	n.becomeLeaderIfElected()
}

func (n *Node) becomeLeaderIfElected() {
	if len(n.votes) < n.majority {
		return
	}
	n.role = Leader
	n.nextIndex = map[uint64]uint64{}
	n.matchIndex = map[uint64]uint64{}
	for _, peer := range n.peers {
		n.nextIndex[peer] = n.lastIndex() + 1
		n.matchIndex[peer] = 0
	}
	n.disk.log = append(n.disk.log, Entry{Term: n.disk.currentTerm, IsNoop: true})
	n.appendToAll()
	n.advanceCommitIndex()
}

// Replication: paper §5.3, §5.4.2

func (n *Node) onAppendEntries(request AppendEntries) {
	isCurrent := request.Term == n.disk.currentTerm
	if isCurrent {
		n.role = Follower
	}
	response := AppendEntriesResponse{Envelope: n.to(request.From), PrevLogIndex: request.PrevLogIndex}
	response.Success = isCurrent &&
		request.PrevLogIndex <= n.lastIndex() &&
		n.termAt(request.PrevLogIndex) == request.PrevLogTerm
	if response.Success {
		index := request.PrevLogIndex
		for _, entry := range request.Entries {
			index++
			// Only a conflict removes entries: a delayed request must not.
			if index <= n.lastIndex() && n.termAt(index) != entry.Term {
				n.disk.log = n.disk.log[:index-1]
			}
			if index > n.lastIndex() {
				n.disk.log = append(n.disk.log, entry)
			}
		}
		response.MatchIndex = index
		n.commitIndex = max(n.commitIndex, min(request.LeaderCommit, index))
	}
	n.send(response)
}

func (n *Node) onAppendResponse(response AppendEntriesResponse) {
	if n.role != Leader || response.Term < n.disk.currentTerm {
		return
	}
	peer := response.From
	if !response.Success {
		// One entry back; a late refusal, or one that comes twice, leads no further back than the first.
		back := min(n.nextIndex[peer], response.PrevLogIndex)
		n.nextIndex[peer] = max(n.matchIndex[peer]+1, back)
		n.appendTo(peer)
		return
	}
	n.matchIndex[peer] = max(n.matchIndex[peer], response.MatchIndex)
	n.nextIndex[peer] = max(n.nextIndex[peer], n.matchIndex[peer]+1)
	n.advanceCommitIndex()
	if n.nextIndex[peer] <= n.lastIndex() {
		n.appendTo(peer)
	}
}

func (n *Node) appendToAll() {
	for _, peer := range n.peers {
		n.appendTo(peer)
	}
}

func (n *Node) appendTo(peer uint64) {
	prev := n.nextIndex[peer] - 1
	entries := []Entry{}
	size := 0
	for _, entry := range n.disk.log[prev:] {
		size += len(entry.Command)
		if len(entries) == n.maxEntries || (len(entries) > 0 && size > n.maxBytes) {
			break
		}
		entries = append(entries, entry)
	}
	n.send(AppendEntries{n.to(peer), prev, n.termAt(prev), entries, n.commitIndex})
}

// advanceCommitIndex counts replicas for entries of the current term alone. Figure 2, Leaders; paper §5.4.2.
func (n *Node) advanceCommitIndex() {
	held := []uint64{n.lastIndex()}
	for _, index := range n.matchIndex {
		held = append(held, index)
	}
	sort.Slice(held, func(a, b int) bool { return held[a] > held[b] })
	index := held[n.majority-1]
	if index > n.commitIndex && n.termAt(index) == n.disk.currentTerm {
		n.commitIndex = index
	}
}

// The log: the first entry has index 1

func (n *Node) lastIndex() uint64 { return uint64(len(n.disk.log)) }

func (n *Node) termAt(index uint64) uint64 {
	if index == 0 {
		return 0
	}
	return n.disk.log[index-1].Term
}

func (n *Node) to(peer uint64) Envelope { return Envelope{n.id, peer, n.disk.currentTerm} }

func (n *Node) send(message Message) { n.outbox = append(n.outbox, message) }

func min(a, b uint64) uint64 {
	if a < b {
		return a
	}
	return b
}

func max(a, b uint64) uint64 {
	if a > b {
		return a
	}
	return b
}
