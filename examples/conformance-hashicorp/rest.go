package main

import (
	"bytes"
	"fmt"
	"runtime"
	"time"
)

// How long a node may compute before it counts as one that never comes to rest.
const patience = 5 * time.Second

// rest waits until every other goroutine is blocked on a channel. runtime.Stack stops the world, so it sees all of them at
// one moment; and as no timer runs and nothing is read but by the caller, none of them goes on before the caller does
// something.
func rest() error {
	for begun := time.Now(); ; {
		runtime.Gosched()
		busy := firstBusy()
		if busy == "" {
			return nil
		}
		if time.Since(begun) > patience {
			return fmt.Errorf("the library does not come to rest: %s", busy)
		}
	}
}

// firstBusy is the first line about a goroutine that is not blocked, but for the caller; "": all are. A goroutine that waits
// for a lock or the garbage collector counts as busy, since the runtime itself may let it go on.
func firstBusy() string {
	for at, stack := range bytes.Split(stacks(), []byte("\n\n")) {
		head := stack
		if end := bytes.IndexByte(stack, '\n'); end >= 0 {
			head = stack[:end]
		}
		if at > 0 && !isBlocked(head) {
			return string(head)
		}
	}
	return ""
}

// isBlocked reads "goroutine 7 [chan receive, 2 minutes]:".
func isBlocked(head []byte) bool {
	state := head[bytes.IndexByte(head, '[')+1:]
	return bytes.HasPrefix(state, []byte("chan receive")) ||
		bytes.HasPrefix(state, []byte("chan send")) ||
		bytes.HasPrefix(state, []byte("select"))
}

var buffer = make([]byte, 1<<16)

// stacks of all goroutines, the caller's first.
func stacks() []byte {
	for {
		if used := runtime.Stack(buffer, true); used < len(buffer) {
			return buffer[:used]
		}
		buffer = make([]byte, 2*len(buffer))
	}
}
