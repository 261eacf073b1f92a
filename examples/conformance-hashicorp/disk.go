package main

import (
	"bytes"
	"errors"
	"io"
	"io/ioutil"

	"github.com/hashicorp/raft"
)

// disk is the library's own store in memory, for log, term and vote: each write is durable when it returns.
type disk struct{ *raft.InmemStore }

// The keys under which the library keeps a vote: its raft.go.
var (
	keyCurrentTerm  = []byte("CurrentTerm")
	keyLastVoteTerm = []byte("LastVoteTerm")
	keyLastVoteCand = []byte("LastVoteCand")
)

func newDisk() disk { return disk{raft.NewInmemStore()} }

// copy is the disk as a restart finds it, whatever the node that is killed does until it is gone.
func (d disk) copy() (disk, error) {
	to := newDisk()
	entries, err := d.entries()
	if err != nil {
		return to, err
	}
	for at := range entries {
		if err := to.StoreLog(&entries[at]); err != nil {
			return to, err
		}
	}
	for _, key := range [][]byte{keyCurrentTerm, keyLastVoteTerm} {
		number, err := d.GetUint64(key)
		if err != nil {
			return to, err
		}
		if err := to.SetUint64(key, number); err != nil {
			return to, err
		}
	}
	candidate, err := d.Get(keyLastVoteCand)
	if err != nil {
		return to, nil // it has never voted
	}
	return to, to.Set(keyLastVoteCand, candidate)
}

func (d disk) entries() ([]raft.Log, error) {
	last, err := d.LastIndex()
	if err != nil {
		return nil, err
	}
	entries := make([]raft.Log, last)
	for at := range entries {
		if err := d.GetLog(uint64(at)+1, &entries[at]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// terms of all entries, from index 1 on.
func (d disk) terms() ([]uint64, error) {
	entries, err := d.entries()
	terms := make([]uint64, len(entries))
	for at, entry := range entries {
		terms[at] = entry.Term
	}
	return terms, err
}

// votedIn is the node that was voted for in this term; nil: none.
func (d disk) votedIn(term uint64) (*uint64, error) {
	lastVoteTerm, err := d.GetUint64(keyLastVoteTerm)
	if err != nil || lastVoteTerm != term {
		return nil, err
	}
	candidate, err := d.Get(keyLastVoteCand)
	if err != nil {
		return nil, nil // it has never voted
	}
	id, err := nodeID(raft.ServerAddress(candidate))
	return &id, err
}

// voters is a store with one snapshot, of an empty state before the first entry, which says who votes. So no entry of the
// log has to, and the log begins as in Figure 2: empty, in term 0.
type voters struct{ raft.SnapshotMeta }

func newVoters(ids []uint64) voters {
	// ConfigurationIndex 0 would mean that there is no configuration.
	to := voters{raft.SnapshotMeta{Version: 1, ID: "voters", ConfigurationIndex: 1}}
	for _, id := range ids {
		server := raft.Server{ID: serverID(id), Address: addressOf(id)}
		to.Configuration.Servers = append(to.Configuration.Servers, server)
	}
	return to
}

var errNoSnapshots = errors.New("this adapter takes no snapshots")

// Create implements raft.SnapshotStore.
func (v voters) Create(raft.SnapshotVersion, uint64, uint64, raft.Configuration, uint64, raft.Transport) (raft.SnapshotSink, error) {
	return nil, errNoSnapshots
}

// List implements raft.SnapshotStore.
func (v voters) List() ([]*raft.SnapshotMeta, error) {
	return []*raft.SnapshotMeta{&v.SnapshotMeta}, nil
}

// Open implements raft.SnapshotStore.
func (v voters) Open(string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	return &v.SnapshotMeta, ioutil.NopCloser(bytes.NewReader(nil)), nil
}

// machine is a state machine that keeps nothing.
type machine struct{}

// Apply implements raft.FSM.
func (machine) Apply(*raft.Log) interface{} { return nil }

// Snapshot implements raft.FSM.
func (machine) Snapshot() (raft.FSMSnapshot, error) { return nil, errNoSnapshots }

// Restore implements raft.FSM.
func (machine) Restore(from io.ReadCloser) error { return nil }
