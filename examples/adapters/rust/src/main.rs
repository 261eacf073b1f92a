//! An adapter for `raftchart conformance`: a template.
//!
//! It reads a JSON object a line from standard input and answers each with one on standard output. What there is to replace is in
//! `adapter.rs`, marked with YOUR LIBRARY; this file stays as it is. The protocol: docs/conformance.md.

mod adapter;
mod json;
mod node;

use std::io::{self, BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

use adapter::{Adapter, CAPABILITIES, IMPLEMENTATION};
use json::Json;

const PROTOCOL_VERSION: u64 = 1;

fn main() -> io::Result<()> {
    let mut adapter = None;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        // A node that panics has failed: that is an answer too, and a finding.
        let result = catch_unwind(AssertUnwindSafe(|| answer(&mut adapter, &line)));
        let answer =
            result.unwrap_or_else(|_| Err("it panicked: see its standard error".to_string()));
        writeln!(out, "{}", answer.unwrap_or_else(refusal))?;
        out.flush()?;
    }
    Ok(())
}

fn refusal(error: String) -> Json {
    Json::object(vec![("ok", false.into()), ("error", Json::Text(error))])
}

/// Carries out one request.
fn answer(adapter: &mut Option<Adapter>, line: &str) -> Result<Json, String> {
    let request = Json::parse(line)?;
    let is_init = request.string("do")? == "init";
    if is_init {
        let version = request.number("version")?;
        if version != PROTOCOL_VERSION {
            return Err(format!(
                "protocol version {version}: this adapter speaks {PROTOCOL_VERSION}"
            ));
        }
        *adapter = Some(Adapter::init(&request)?);
    }
    let adapter = adapter
        .as_mut()
        .ok_or("there is no node yet: init comes first")?;
    if !is_init {
        carry_out(adapter, &request)?;
    }
    let mut fields = vec![
        ("ok", true.into()),
        ("state", adapter.state()),
        ("sent", adapter.take_sent()),
    ];
    if is_init {
        let (name, version) = IMPLEMENTATION;
        let has = CAPABILITIES
            .iter()
            .map(|&capability| (capability, true.into()))
            .collect();
        fields.push((
            "implementation",
            Json::object(vec![
                ("name", Json::text(name)),
                ("version", Json::text(version)),
            ]),
        ));
        fields.push(("capabilities", Json::object(has)));
    }
    Ok(Json::object(fields))
}

fn carry_out(adapter: &mut Adapter, request: &Json) -> Result<(), String> {
    match request.string("do")? {
        "deliver" => adapter.deliver(request.get("message")?),
        "timeout" => adapter.timeout(request.string("timer")?),
        "propose" => {
            let commands = request.list("commands")?.iter();
            adapter.propose(commands.filter_map(text_of).collect());
            Ok(())
        }
        "restart" => adapter.restart(),
        "state" => Ok(()),
        other => Err(format!("there is no {other} here")),
    }
}

fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}
