// Command conformance-etcd runs one member of etcd's raft library under raftchart's conformance kit: requests on standard
// input, answers on standard output, one JSON object a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"go.etcd.io/etcd/raft"
	"go.etcd.io/etcd/version"
)

// pipeline: it does send on, but not as the settings say, which it cannot count. answersStale: a RequestVote of an older
// term gets no answer. README.md
var capabilities = map[string]bool{
	"preVote":            true,
	"leaderLease":        true,
	"quorumCheck":        true,
	"hints":              false,
	"batches":            true,
	"pipeline":           false,
	"noop":               true,
	"separateHeartbeats": true,
	"answersStale":       false,
	"durable":            true,
	"showsLog":           true,
	"slowDisk":           false,
	"showsTimers":        false,
	"hostilePeers":       false,
}

func main() {
	// The library logs each vote; what is wrong it says by a panic.
	raft.SetLogger(&raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)})
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

// answer carries out one request. A panic of the library is an answer too: the node is of no use until the next init.
func (a *adapter) answer(line []byte) (answer response) {
	defer func() {
		if cause := recover(); cause != nil {
			a.node = nil
			answer = response{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
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
	sent := a.node.flush()
	answer = response{OK: true, State: state, Sent: &sent}
	if r.Do == "init" {
		answer.Implementation = &implementation{Name: "etcd raft", Version: version.Version}
		answer.Capabilities = capabilities
	}
	return answer
}

func (a *adapter) do(r request) (err error) {
	if r.Do == "init" {
		if r.Version != protocolVersion {
			return fmt.Errorf("protocol version %d; this adapter speaks %d", r.Version, protocolVersion)
		}
		a.node, err = newNode(r.ID, r.Voters, r.Settings)
		return err
	}
	if a.node == nil {
		return errors.New("no node: init comes first")
	}
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
