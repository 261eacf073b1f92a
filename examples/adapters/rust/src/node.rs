//! The example node: Raft as Figure 2 of the paper has it, with a no-op at the start of each term (paper §8).
//!
//! It does no I/O, has no clock and rolls no dice: whoever owns it hands in messages and timeouts, and takes what it has put into
//! `outbox`. Delete this file once your own library is in its place.

use std::cmp::{max, min, Reverse};
use std::collections::{BTreeMap, BTreeSet};

pub type NodeId = u64;
pub type Term = u64;
/// Begins at 1; 0 is none.
pub type LogIndex = u64;

/// A bug to see the kit at work: with PLANT_BUG=1 the node votes more than once in a term.
fn votes_twice() -> bool {
    std::env::var("PLANT_BUG").as_deref() == Ok("1")
}

#[derive(Clone, Copy, PartialEq)]
pub enum Role {
    Follower,
    Candidate,
    Leader,
}

#[derive(Clone)]
pub struct Entry {
    pub term: Term,
    /// None: the no-op of a new leader.
    pub command: Option<String>,
}

pub struct Message {
    pub from: NodeId,
    pub to: NodeId,
    pub term: Term,
    pub body: Body,
}

pub enum Body {
    RequestVote {
        last_log_index: LogIndex,
        last_log_term: Term,
    },
    RequestVoteResponse {
        vote_granted: bool,
    },
    AppendEntries {
        prev_log_index: LogIndex,
        prev_log_term: Term,
        entries: Vec<Entry>,
        leader_commit: LogIndex,
    },
    AppendEntriesResponse {
        success: bool,
        /// That of the request.
        prev_log_index: LogIndex,
        /// 0 if refused.
        match_index: LogIndex,
    },
}

/// What a crash leaves: Figure 2, Persistent state on all servers.
#[derive(Default)]
pub struct Disk {
    pub current_term: Term,
    pub voted_for: Option<NodeId>,
    pub log: Vec<Entry>,
}

pub struct Limits {
    pub entries: u64,
    pub bytes: u64,
}

pub struct Node {
    id: NodeId,
    peers: Vec<NodeId>,
    majority: usize,
    limits: Limits,
    pub disk: Disk,
    pub role: Role,
    pub commit_index: LogIndex,
    pub outbox: Vec<Message>,
    votes: BTreeSet<NodeId>,
    next_index: BTreeMap<NodeId, LogIndex>,
    match_index: BTreeMap<NodeId, LogIndex>,
    votes_twice: bool,
}

impl Node {
    pub fn new(id: NodeId, voters: &[NodeId], disk: Disk, limits: Limits) -> Node {
        Node {
            id,
            peers: voters
                .iter()
                .copied()
                .filter(|&voter| voter != id)
                .collect(),
            majority: voters.len() / 2 + 1,
            limits,
            disk,
            role: Role::Follower,
            commit_index: 0,
            outbox: Vec::new(),
            votes: BTreeSet::new(),
            next_index: BTreeMap::new(),
            match_index: BTreeMap::new(),
            votes_twice: votes_twice(),
        }
    }

    // What happens to it

    pub fn receive(&mut self, message: Message) {
        let Message {
            from, term, body, ..
        } = message;
        // Figure 2, Rules for Servers, All Servers.
        if term > self.disk.current_term {
            self.enter_term(term);
        }
        let is_current = term == self.disk.current_term;
        match body {
            Body::RequestVote {
                last_log_index,
                last_log_term,
            } => self.on_request_vote(from, is_current, (last_log_term, last_log_index)),
            Body::RequestVoteResponse { vote_granted } => {
                self.on_vote(from, is_current && vote_granted)
            }
            Body::AppendEntries {
                prev_log_index,
                prev_log_term,
                entries,
                leader_commit,
            } => self.on_append_entries(
                from,
                is_current,
                (prev_log_index, prev_log_term),
                entries,
                leader_commit,
            ),
            Body::AppendEntriesResponse {
                success,
                prev_log_index,
                match_index,
            } => {
                if is_current && self.role == Role::Leader {
                    self.on_append_response(from, success, prev_log_index, match_index)
                }
            }
        }
    }

    /// Figure 2, Followers and Candidates.
    pub fn election_timeout(&mut self) {
        if self.role == Role::Leader {
            return;
        }
        self.enter_term(self.disk.current_term + 1);
        self.role = Role::Candidate;
        self.disk.voted_for = Some(self.id);
        self.votes = BTreeSet::from([self.id]);
        for peer in self.peers.clone() {
            let last_log_index = self.last_index();
            let last_log_term = self.term_at(last_log_index);
            self.send(
                peer,
                Body::RequestVote {
                    last_log_index,
                    last_log_term,
                },
            );
        }
        self.become_leader_if_elected();
    }

    pub fn heartbeat(&mut self) {
        if self.role == Role::Leader {
            self.append_to_all();
        }
    }

    /// Whether it could: only a leader can.
    pub fn propose(&mut self, commands: Vec<String>) -> bool {
        if self.role != Role::Leader {
            return false;
        }
        let term = self.disk.current_term;
        self.disk
            .log
            .extend(commands.into_iter().map(|command| Entry {
                term,
                command: Some(command),
            }));
        self.append_to_all();
        self.advance_commit_index();
        true
    }

    // Elections: paper §5.2, §5.4.1

    fn enter_term(&mut self, term: Term) {
        self.disk.current_term = term;
        self.disk.voted_for = None;
        self.role = Role::Follower;
    }

    fn on_request_vote(&mut self, from: NodeId, is_current: bool, last: (Term, LogIndex)) {
        let is_free = self
            .disk
            .voted_for
            .map_or(true, |voted_for| voted_for == from)
            || self.votes_twice;
        let is_up_to_date = last >= (self.term_at(self.last_index()), self.last_index());
        let vote_granted = is_current && is_free && is_up_to_date;
        if vote_granted {
            self.disk.voted_for = Some(from);
        }
        self.send(from, Body::RequestVoteResponse { vote_granted });
    }

    fn on_vote(&mut self, from: NodeId, counts: bool) {
        if self.role == Role::Candidate && counts {
            self.votes.insert(from);
            self.become_leader_if_elected();
        }
    }

    fn become_leader_if_elected(&mut self) {
        if self.votes.len() < self.majority {
            return;
        }
        self.role = Role::Leader;
        let next = self.last_index() + 1;
        self.next_index = self.peers.iter().map(|&peer| (peer, next)).collect();
        self.match_index = self.peers.iter().map(|&peer| (peer, 0)).collect();
        self.disk.log.push(Entry {
            term: self.disk.current_term,
            command: None,
        });
        self.append_to_all();
        self.advance_commit_index();
    }

    // Replication: paper §5.3, §5.4.2

    fn on_append_entries(
        &mut self,
        from: NodeId,
        is_current: bool,
        (prev_log_index, prev_log_term): (LogIndex, Term),
        entries: Vec<Entry>,
        leader_commit: LogIndex,
    ) {
        if is_current {
            self.role = Role::Follower;
        }
        let success = is_current
            && prev_log_index <= self.last_index()
            && self.term_at(prev_log_index) == prev_log_term;
        let mut match_index = 0;
        if success {
            match_index = prev_log_index;
            for entry in entries {
                match_index += 1;
                // Only a conflict removes entries: a delayed request must not.
                if match_index <= self.last_index() && self.term_at(match_index) != entry.term {
                    self.disk.log.truncate(match_index as usize - 1);
                }
                if match_index > self.last_index() {
                    self.disk.log.push(entry);
                }
            }
            self.commit_index = max(self.commit_index, min(leader_commit, match_index));
        }
        self.send(
            from,
            Body::AppendEntriesResponse {
                success,
                prev_log_index,
                match_index,
            },
        );
    }

    fn on_append_response(
        &mut self,
        from: NodeId,
        success: bool,
        prev_log_index: LogIndex,
        match_index: LogIndex,
    ) {
        let matched = self.match_index[&from];
        let next = self.next_index[&from];
        if success {
            let matched = max(matched, match_index);
            self.match_index.insert(from, matched);
            self.next_index.insert(from, max(next, matched + 1));
            self.advance_commit_index();
            if self.next_index[&from] <= self.last_index() {
                self.append_to(from);
            }
        } else {
            // One entry back; a late refusal, or one that comes twice, leads no further back than the first.
            self.next_index
                .insert(from, max(matched + 1, min(next, prev_log_index)));
            self.append_to(from);
        }
    }

    fn append_to_all(&mut self) {
        for peer in self.peers.clone() {
            self.append_to(peer);
        }
    }

    fn append_to(&mut self, peer: NodeId) {
        let prev_log_index = self.next_index[&peer] - 1;
        let mut entries: Vec<Entry> = Vec::new();
        let mut bytes = 0;
        for entry in &self.disk.log[prev_log_index as usize..] {
            bytes += entry
                .command
                .as_ref()
                .map_or(0, |command| command.len() as u64);
            let is_full = entries.len() as u64 == self.limits.entries || bytes > self.limits.bytes;
            if !entries.is_empty() && is_full {
                break;
            }
            entries.push(entry.clone());
        }
        let prev_log_term = self.term_at(prev_log_index);
        let leader_commit = self.commit_index;
        self.send(
            peer,
            Body::AppendEntries {
                prev_log_index,
                prev_log_term,
                entries,
                leader_commit,
            },
        );
    }

    /// Replicas are counted for entries of the current term alone. Figure 2, Leaders; paper §5.4.2.
    fn advance_commit_index(&mut self) {
        let mut held: Vec<LogIndex> = self.match_index.values().copied().collect();
        held.push(self.last_index());
        held.sort_by_key(|&index| Reverse(index));
        let index = held[self.majority - 1];
        if index > self.commit_index && self.term_at(index) == self.disk.current_term {
            self.commit_index = index;
        }
    }

    fn last_index(&self) -> LogIndex {
        self.disk.log.len() as LogIndex
    }

    fn term_at(&self, index: LogIndex) -> Term {
        if index == 0 {
            0
        } else {
            self.disk.log[index as usize - 1].term
        }
    }

    fn send(&mut self, to: NodeId, body: Body) {
        self.outbox.push(Message {
            from: self.id,
            to,
            term: self.disk.current_term,
            body,
        });
    }
}
