package main

import (
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/hashicorp/raft"
)

// transport is a network on which a request leaves at once and waits until the kit answers it.
type transport struct {
	local  raft.ServerAddress
	inbox  chan raft.RPC
	mutex  sync.Mutex
	sent   []message
	calls  []*call // those that wait, the oldest first
	isOver bool
}

// call is a request of the node that waits for its answer; nil: none comes.
type call struct {
	request message
	answer  chan *message
}

var (
	errNoAnswer    = errors.New("no answer in time")
	errUnsupported = errors.New("this adapter has no such message")
)

func newTransport(id uint64) *transport {
	return &transport{local: addressOf(id), inbox: make(chan raft.RPC, 1), sent: []message{}}
}

// ask sends a request and waits for its answer, as each RPC of the library does in a goroutine of its own.
func (t *transport) ask(request message) (message, error) {
	waiting, err := t.send(request)
	if err != nil {
		return message{}, err
	}
	answer := <-waiting.answer
	if answer == nil {
		return message{}, errNoAnswer
	}
	return *answer, nil
}

// send lets a request leave, which then waits for its answer.
func (t *transport) send(request message) (*call, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.isOver {
		return nil, errNoAnswer
	}
	waiting := &call{request, make(chan *message, 1)}
	t.sent = append(t.sent, request)
	t.calls = append(t.calls, waiting)
	return waiting, nil
}

// reply lets an answer leave.
func (t *transport) reply(m message) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sent = append(t.sent, m)
}

// answer hands an answer to the request that it belongs to. One that nothing waits for is dropped: its connection is gone.
func (t *transport) answer(m message) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	best := -1
	for at, each := range t.calls {
		if isAnswerTo(m, each.request) && (best < 0 || fit(m, each.request) >= fit(m, t.calls[best].request)) {
			best = at
		}
	}
	if best >= 0 {
		t.calls[best].answer <- &m
		t.calls = append(t.calls[:best], t.calls[best+1:]...)
	}
}

// timeOut ends the wait of these requests.
func (t *transport) timeOut(isMeant func(*call) bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var left []*call
	for _, each := range t.calls {
		if isMeant(each) {
			each.answer <- nil
		} else {
			left = append(left, each)
		}
	}
	t.calls = left
}

// end ends the wait of all requests, and of those to come.
func (t *transport) end() {
	t.mutex.Lock()
	t.isOver = true
	t.mutex.Unlock()
	t.timeOut(func(*call) bool { return true })
}

// flush hands over what was sent since it was last asked.
func (t *transport) flush() []message {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	sent := t.sent
	t.sent = []message{}
	return sent
}

// RequestVote implements raft.Transport.
func (t *transport) RequestVote(_ raft.ServerID, to raft.ServerAddress, request *raft.RequestVoteRequest, response *raft.RequestVoteResponse) error {
	translated, err := fromRequestVote(t.local, to, request)
	if err != nil {
		return err
	}
	answer, err := t.ask(translated)
	if err == nil {
		*response = toRequestVoteResponse(answer)
	}
	return err
}

// AppendEntries implements raft.Transport.
func (t *transport) AppendEntries(_ raft.ServerID, to raft.ServerAddress, request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse) error {
	translated, err := fromAppendEntries(t.local, to, request)
	if err != nil {
		return err
	}
	answer, err := t.ask(translated)
	if err == nil {
		*response = toAppendEntriesResponse(answer)
	}
	return err
}

// InstallSnapshot implements raft.Transport.
func (t *transport) InstallSnapshot(raft.ServerID, raft.ServerAddress, *raft.InstallSnapshotRequest, *raft.InstallSnapshotResponse, io.Reader) error {
	return errUnsupported
}

// TimeoutNow implements raft.Transport.
func (t *transport) TimeoutNow(raft.ServerID, raft.ServerAddress, *raft.TimeoutNowRequest, *raft.TimeoutNowResponse) error {
	return errUnsupported
}

// Consumer implements raft.Transport.
func (t *transport) Consumer() <-chan raft.RPC { return t.inbox }

// SetHeartbeatHandler implements raft.Transport. "If a Transport does not support this, it can simply ignore the call": all
// requests go the same way, in order.
func (t *transport) SetHeartbeatHandler(func(raft.RPC)) {}

// LocalAddr implements raft.Transport.
func (t *transport) LocalAddr() raft.ServerAddress { return t.local }

// EncodePeer implements raft.Transport.
func (t *transport) EncodePeer(_ raft.ServerID, address raft.ServerAddress) []byte {
	return []byte(address)
}

// DecodePeer implements raft.Transport.
func (t *transport) DecodePeer(encoded []byte) raft.ServerAddress {
	return raft.ServerAddress(encoded)
}

func serverID(id uint64) raft.ServerID { return raft.ServerID(strconv.FormatUint(id, 10)) }

func addressOf(id uint64) raft.ServerAddress { return raft.ServerAddress(serverID(id)) }

func nodeID(address raft.ServerAddress) (uint64, error) {
	return strconv.ParseUint(string(address), 10, 64)
}
