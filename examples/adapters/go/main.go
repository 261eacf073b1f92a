// An adapter for `raftchart conformance`: a template.
//
// It reads a JSON object a line from standard input and answers each with one on standard output. What there is to replace is in
// adapter.go, marked with YOUR LIBRARY; this file stays as it is. The protocol: docs/conformance.md.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

func main() {
	a := &adapter{}
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		if err := out.Encode(answer(a, line)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// answer carries out one request. A node that panics has failed: that is an answer too, and a finding.
func answer(a *adapter, line []byte) (result Answer) {
	defer func() {
		if cause := recover(); cause != nil {
			result = Answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	var request Request
	if err := json.Unmarshal(line, &request); err != nil {
		return Answer{Error: err.Error()}
	}
	if err := do(a, request); err != nil {
		return Answer{Error: err.Error()}
	}
	sent := a.takeSent()
	result = Answer{OK: true, State: a.state(), Sent: &sent}
	if request.Do == "init" {
		result.Implementation = &thisImplementation
		result.Capabilities = capabilities
	}
	return result
}

func do(a *adapter, request Request) error {
	if request.Do == "init" {
		if request.Version != protocolVersion {
			return fmt.Errorf("protocol version %d: this adapter speaks %d", request.Version, protocolVersion)
		}
		a.init(request)
		return nil
	}
	if a.node == nil {
		return errors.New("there is no node yet: init comes first")
	}
	switch request.Do {
	case "deliver":
		return a.deliver(*request.Message)
	case "timeout":
		return a.timeout(request.Timer)
	case "propose":
		a.propose(request.Commands)
	case "restart":
		a.restart()
	case "state":
	default:
		return fmt.Errorf("there is no %s here", request.Do)
	}
	return nil
}
