package main

import (
	"go.etcd.io/etcd/raft"
	pb "go.etcd.io/etcd/raft/raftpb"
)

// disk is the library's memory storage for a cluster that starts empty: with voters, and without the snapshot in which
// the library expects to find them. So the first entry has index 1.
type disk struct {
	*raft.MemoryStorage
	voters []uint64
}

func newDisk(voters []uint64) *disk {
	return &disk{MemoryStorage: raft.NewMemoryStorage(), voters: voters}
}

// InitialState implements raft.Storage.
func (d *disk) InitialState() (pb.HardState, pb.ConfState, error) {
	hardState, _, err := d.MemoryStorage.InitialState()
	return hardState, pb.ConfState{Voters: d.voters}, err
}

// save writes what a Ready wants to be durable before its messages leave.
func (d *disk) save(ready raft.Ready) error {
	if !raft.IsEmptyHardState(ready.HardState) {
		if err := d.SetHardState(ready.HardState); err != nil {
			return err
		}
	}
	return d.Append(ready.Entries)
}

// crash loses what need not be durable: the commit index. Raft.MustSync asks for term, vote and entries alone, and in
// Figure 2 of the Raft paper commitIndex is volatile.
func (d *disk) crash() error {
	hardState, _, err := d.MemoryStorage.InitialState()
	if err != nil {
		return err
	}
	hardState.Commit = 0
	return d.SetHardState(hardState)
}

// terms of all entries, from index 1 on.
func (d *disk) terms() ([]uint64, error) {
	last, err := d.LastIndex()
	if err != nil {
		return nil, err
	}
	terms := make([]uint64, last)
	for at := range terms {
		if terms[at], err = d.Term(uint64(at) + 1); err != nil {
			return nil, err
		}
	}
	return terms, nil
}
