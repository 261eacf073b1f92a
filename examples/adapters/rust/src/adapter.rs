//! YOUR LIBRARY: everything in this file. The frame, `main.rs`, calls the methods of `Adapter` by their names.

use crate::json::Json;
use crate::node::{Body, Disk, Entry, Limits, Message, Node, NodeId, Role};

/// Its name and version.
pub const IMPLEMENTATION: (&str, &str) = ("example node in Rust", "1");

/// What it has; see "Capabilities" in docs/conformance.md. Begin with none and add one at a time: each makes the comparison stricter.
pub const CAPABILITIES: &[&str] = &["durable", "showsLog", "batches", "noop", "answersStale"];

/// One node.
pub struct Adapter {
    request: Json,
    node: Node,
}

impl Adapter {
    /// Starts a node on an empty disk: a follower in term 0.
    pub fn init(request: &Json) -> Result<Adapter, String> {
        let node = start(request, Disk::default())?;
        Ok(Adapter {
            request: request.clone(),
            node,
        })
    }

    /// A crash, not a shutdown: whatever was not on the disk is gone.
    pub fn restart(&mut self) -> Result<(), String> {
        let disk = std::mem::take(&mut self.node.disk);
        self.node = start(&self.request, disk)?;
        Ok(())
    }

    pub fn deliver(&mut self, message: &Json) -> Result<(), String> {
        self.node.receive(from_kit(message)?);
        Ok(())
    }

    /// Lets a timer expire. None may ever expire by itself: if your library reads the clock, give it one that stands still.
    pub fn timeout(&mut self, timer: &str) -> Result<(), String> {
        match timer {
            "electionTimeout" => self.node.election_timeout(),
            "heartbeatInterval" => self.node.heartbeat(),
            _ => return Err(format!("there is no timer {timer} here")),
        }
        Ok(())
    }

    /// A node that does not lead refuses, which is no error.
    pub fn propose(&mut self, commands: Vec<String>) {
        self.node.propose(commands);
    }

    pub fn state(&self) -> Json {
        let Node {
            disk,
            role,
            commit_index,
            ..
        } = &self.node;
        let role = match role {
            Role::Follower => "follower",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        Json::object(vec![
            ("role", Json::text(role)),
            ("term", disk.current_term.into()),
            ("votedFor", disk.voted_for.map_or(Json::Null, Json::from)),
            ("commitIndex", (*commit_index).into()),
            (
                "log",
                Json::List(disk.log.iter().map(|entry| entry.term.into()).collect()),
            ),
        ])
    }

    /// What has left the node since the last request. If your library works in the background, wait here until it has come to rest.
    pub fn take_sent(&mut self) -> Json {
        Json::List(self.node.outbox.drain(..).map(to_kit).collect())
    }
}

fn start(request: &Json, disk: Disk) -> Result<Node, String> {
    let settings = request.get("settings")?;
    let limits = Limits {
        entries: settings.number("maxEntriesPerMessage")?,
        bytes: settings.number("maxMessageBytes")?,
    };
    let voters: Vec<NodeId> = request
        .list("voters")?
        .iter()
        .filter_map(|voter| {
            if let Json::Number(id) = voter {
                Some(*id)
            } else {
                None
            }
        })
        .collect();
    Ok(Node::new(request.number("id")?, &voters, disk, limits))
}

/// A message of the kit has all its fields.
fn from_kit(message: &Json) -> Result<Message, String> {
    let body = match message.string("type")? {
        "RequestVote" => Body::RequestVote {
            last_log_index: message.number("lastLogIndex")?,
            last_log_term: message.number("lastLogTerm")?,
        },
        "RequestVoteResponse" => Body::RequestVoteResponse {
            vote_granted: message.boolean("voteGranted")?,
        },
        "AppendEntries" => Body::AppendEntries {
            prev_log_index: message.number("prevLogIndex")?,
            prev_log_term: message.number("prevLogTerm")?,
            entries: message
                .list("entries")?
                .iter()
                .map(entry_from_kit)
                .collect::<Result<_, _>>()?,
            leader_commit: message.number("leaderCommit")?,
        },
        "AppendEntriesResponse" => Body::AppendEntriesResponse {
            success: message.boolean("success")?,
            prev_log_index: message.number("prevLogIndex")?,
            match_index: message.number("matchIndex")?,
        },
        other => return Err(format!("there is no {other} here")),
    };
    Ok(Message {
        from: message.number("from")?,
        to: message.number("to")?,
        term: message.number("term")?,
        body,
    })
}

fn entry_from_kit(entry: &Json) -> Result<Entry, String> {
    let command = match entry.string("kind")? {
        "noop" => None,
        _ => Some(entry.string("payload")?.to_string()),
    };
    Ok(Entry {
        term: entry.number("term")?,
        command,
    })
}

/// What a library does not have, such as conflictTerm, is left out: it is not compared.
fn to_kit(message: Message) -> Json {
    let (name, fields) = match message.body {
        Body::RequestVote {
            last_log_index,
            last_log_term,
        } => (
            "RequestVote",
            vec![
                ("lastLogIndex", last_log_index.into()),
                ("lastLogTerm", last_log_term.into()),
            ],
        ),
        Body::RequestVoteResponse { vote_granted } => (
            "RequestVoteResponse",
            vec![("voteGranted", vote_granted.into())],
        ),
        Body::AppendEntries {
            prev_log_index,
            prev_log_term,
            entries,
            leader_commit,
        } => (
            "AppendEntries",
            vec![
                ("prevLogIndex", prev_log_index.into()),
                ("prevLogTerm", prev_log_term.into()),
                (
                    "entries",
                    Json::List(entries.iter().map(entry_to_kit).collect()),
                ),
                ("leaderCommit", leader_commit.into()),
            ],
        ),
        Body::AppendEntriesResponse {
            success,
            prev_log_index,
            match_index,
        } => (
            "AppendEntriesResponse",
            vec![
                ("success", success.into()),
                ("prevLogIndex", prev_log_index.into()),
                ("matchIndex", match_index.into()),
            ],
        ),
    };
    let mut all = vec![
        ("type", Json::text(name)),
        ("from", message.from.into()),
        ("to", message.to.into()),
        ("term", message.term.into()),
    ];
    all.extend(fields);
    Json::object(all)
}

fn entry_to_kit(entry: &Entry) -> Json {
    Json::object(vec![
        ("term", entry.term.into()),
        (
            "kind",
            Json::text(if entry.command.is_some() {
                "command"
            } else {
                "noop"
            }),
        ),
        (
            "payload",
            Json::text(entry.command.as_deref().unwrap_or("")),
        ),
    ])
}
