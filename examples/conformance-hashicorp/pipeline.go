package main

import (
	"time"

	"github.com/hashicorp/raft"
)

// pipeline sends requests to one follower before the earlier ones have been answered.
type pipeline struct {
	transport *transport
	peer      raft.ServerAddress
	ready     chan raft.AppendFuture
	closed    chan struct{}
	calls     []*call
}

// AppendEntriesPipeline implements raft.Transport.
func (t *transport) AppendEntriesPipeline(_ raft.ServerID, peer raft.ServerAddress) (raft.AppendPipeline, error) {
	return &pipeline{transport: t, peer: peer, ready: make(chan raft.AppendFuture), closed: make(chan struct{})}, nil
}

// AppendEntries implements raft.AppendPipeline.
func (p *pipeline) AppendEntries(request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	translated, err := fromAppendEntries(p.transport.local, p.peer, request)
	if err != nil {
		return nil, err
	}
	waiting, err := p.transport.send(translated)
	if err != nil {
		return nil, err
	}
	p.calls = append(p.calls, waiting)
	future := &appended{start: raft.Now(), request: request, response: response, done: make(chan struct{})}
	go func() {
		// The library's own pipelines hand over a request that has failed like any other, with an empty response.
		if answer := <-waiting.answer; answer != nil {
			*response = toAppendEntriesResponse(*answer)
		} else {
			future.err = errNoAnswer
		}
		close(future.done)
		select {
		case p.ready <- future:
		case <-p.closed:
		}
	}()
	return future, nil
}

// Consumer implements raft.AppendPipeline.
func (p *pipeline) Consumer() <-chan raft.AppendFuture { return p.ready }

// Close implements raft.AppendPipeline: nobody waits any more for what is under way.
func (p *pipeline) Close() error {
	close(p.closed)
	p.transport.timeOut(func(each *call) bool { return contains(p.calls, each) })
	return nil
}

func contains(calls []*call, wanted *call) bool {
	for _, each := range calls {
		if each == wanted {
			return true
		}
	}
	return false
}

// appended is the future of a request in a pipeline.
type appended struct {
	start    time.Time
	request  *raft.AppendEntriesRequest
	response *raft.AppendEntriesResponse
	done     chan struct{}
	err      error
}

// Error implements raft.Future.
func (a *appended) Error() error {
	<-a.done
	return a.err
}

// Start implements raft.AppendFuture.
func (a *appended) Start() time.Time { return a.start }

// Request implements raft.AppendFuture.
func (a *appended) Request() *raft.AppendEntriesRequest { return a.request }

// Response implements raft.AppendFuture.
func (a *appended) Response() *raft.AppendEntriesResponse { return a.response }
