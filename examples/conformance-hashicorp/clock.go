package main

import (
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Long enough that no backoff of the library, 10 seconds at most, comes near, nor the ticks of all requests of a path.
const (
	heartbeatTimeout   = 100 * time.Hour
	electionTimeout    = heartbeatTimeout
	leaderLeaseTimeout = heartbeatTimeout / 2
	commitTimeout      = time.Hour
	tick               = time.Millisecond
)

// kind names a timer of the library.
type kind int

const (
	// other is one that the kit never lets expire: that of the snapshots.
	other kind = iota
	election
	lease
	heartbeat
	commit
	backoff
)

// kindOf tells what a timer is for by the function of the library that starts it.
func kindOf(duration time.Duration) kind {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, isMore := frames.Next()
		switch strings.TrimPrefix(frame.Function, "github.com/hashicorp/raft.(*Raft).") {
		case "runFollower", "runCandidate":
			return election
		case "leaderLoop":
			return lease
		case "replicate", "pipelineReplicate":
			return commit
		case "replicateTo":
			return backoff
		case "heartbeat":
			if duration < heartbeatTimeout/10 {
				return backoff
			}
			return heartbeat
		}
		if !isMore {
			return other
		}
	}
}

// clock stands still: a timer expires only where fire says so.
type clock struct {
	mutex  sync.Mutex
	now    time.Time
	timers []timer
	held   []chan struct{}
	isOver bool
}

type timer struct {
	kind    kind
	started time.Time
	expired chan time.Time
}

func newClock() *clock {
	c := &clock{now: time.Unix(0, 0)}
	raft.Now = c.time
	raft.After = c.after
	return c
}

func (c *clock) time() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// after starts a timer. Replication starts its commit timer just before it looks for work. It is held there until all else
// is at rest, so that what it finds does not depend on who ran first.
func (c *clock) after(duration time.Duration) <-chan time.Time {
	wanted := kindOf(duration)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if wanted == commit && !c.isOver {
		gate := make(chan struct{})
		c.held = append(c.held, gate)
		c.mutex.Unlock()
		<-gate
		c.mutex.Lock()
	}
	expired := make(chan time.Time, 1)
	c.timers = append(c.timers, timer{wanted, c.now, expired})
	return expired
}

// release lets those go on that are held; false: there are none.
func (c *clock) release() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	held := c.held
	c.held = nil
	for _, gate := range held {
		close(gate)
	}
	return len(held) > 0
}

// end lets the goroutines of a node that is gone run to their ends.
func (c *clock) end() {
	c.mutex.Lock()
	c.isOver = true
	c.mutex.Unlock()
	c.release()
}

func (c *clock) advance(duration time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(duration)
}

// since tells how long ago the latest timer of a kind was started.
func (c *clock) since(wanted kind) time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	latest := c.now
	for _, each := range c.timers {
		if each.kind == wanted {
			latest = each.started
		}
	}
	return c.now.Sub(latest)
}

// fire lets all timers of a kind expire; those that nobody waits for any more do nothing.
func (c *clock) fire(wanted kind) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var left []timer
	for _, each := range c.timers {
		if each.kind == wanted {
			each.expired <- c.now
		} else {
			left = append(left, each)
		}
	}
	c.timers = left
}
