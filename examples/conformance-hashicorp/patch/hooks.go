package raft

import "time"

// build.sh adds this file to its copy of the library, in which After stands for time.After and Now for time.Now.
var (
	After = time.After
	Now   = time.Now
)
