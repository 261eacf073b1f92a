// Command conformance-hashicorp runs one node of hashicorp/raft under raftchart's conformance kit: requests on standard
// input, answers on standard output, one JSON object a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
)

// build.sh builds against no other.
const libraryVersion = "1.1.2"

// What the library does of what the paper leaves open.
var capabilities = map[string]bool{
	"preVote":            false,
	"leaderLease":        true,
	"leaseUntilTimeout":  true,
	"quorumCheck":        true,
	"hints":              false,
	"batches":            true,
	"pipeline":           false,
	"noop":               true,
	"separateHeartbeats": true,
	"answersStale":       true,
	"durable":            true,
	"showsLog":           true,
	"rpc":                true,
}

func main() {
	// Another processor would only be kept busy with waiting: one goroutine works at a time.
	runtime.GOMAXPROCS(1)
	a := &adapter{}
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		if err := out.Encode(a.answer(line)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

type adapter struct{ node *node }

// answer carries out one request. A panic of the library is in a goroutine of its own, and ends the process.
func (a *adapter) answer(line []byte) response {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return response{Error: err.Error()}
	}
	if err := a.do(r); err != nil {
		return response{Error: err.Error()}
	}
	state, err := a.node.state()
	if err != nil {
		return response{Error: err.Error()}
	}
	sent := a.node.transport.flush()
	answer := response{OK: true, State: state, Sent: &sent}
	if r.Do == "init" {
		answer.Implementation = &implementation{Name: "hashicorp/raft", Version: libraryVersion}
		answer.Capabilities = capabilities
	}
	return answer
}

func (a *adapter) do(r request) (err error) {
	if r.Do == "init" {
		if r.Version != protocolVersion {
			return fmt.Errorf("protocol version %d; this adapter speaks %d", r.Version, protocolVersion)
		}
		if a.node != nil {
			if err := a.node.end(); err != nil {
				return err
			}
		}
		a.node, err = newNode(r.ID, r.Voters, r.Settings)
		return err
	}
	if a.node == nil {
		return errors.New("no node: init comes first")
	}
	// Some time passes between any two requests.
	a.node.clock.advance(tick)
	switch r.Do {
	case "deliver":
		if r.Message == nil {
			return errors.New("nothing to deliver")
		}
		return a.node.deliver(*r.Message)
	case "timeout":
		return a.node.timeout(r.Timer)
	case "propose":
		return a.node.propose(r.Commands)
	case "restart":
		return a.node.restart()
	case "state":
		return nil
	default:
		return fmt.Errorf("cannot %q", r.Do)
	}
}
