//! JSON, as much of it as the protocol needs, since the standard library has none: delete this file where serde_json may be used.

use std::fmt::{self, Write};
use std::iter::Peekable;
use std::str::Chars;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    /// The protocol has no other numbers than terms, indexes and counts.
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(text: &str) -> Result<Json, String> {
        let mut parser = Parser {
            chars: text.chars().peekable(),
        };
        let value = parser.value()?;
        parser.skip_space();
        match parser.chars.next() {
            None => Ok(value),
            Some(c) => Err(format!("the line goes on after its JSON: {c:?}")),
        }
    }

    pub fn object(fields: Vec<(&str, Json)>) -> Json {
        Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_string(), value))
                .collect(),
        )
    }

    pub fn text(text: &str) -> Json {
        Json::Text(text.to_string())
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Result<&Json, String> {
        match self {
            Json::Object(fields) => fields
                .iter()
                .find(|(each, _)| each == name)
                .map(|(_, value)| value),
            _ => None,
        }
        .ok_or_else(|| format!("there is no {name} in {self}"))
    }

    pub fn number(&self, name: &str) -> Result<u64, String> {
        match self.get(name)? {
            Json::Number(number) => Ok(*number),
            other => Err(format!("{name} is no number: {other}")),
        }
    }

    pub fn boolean(&self, name: &str) -> Result<bool, String> {
        match self.get(name)? {
            Json::Bool(value) => Ok(*value),
            other => Err(format!("{name} is neither true nor false: {other}")),
        }
    }

    pub fn string(&self, name: &str) -> Result<&str, String> {
        match self.get(name)? {
            Json::Text(text) => Ok(text),
            other => Err(format!("{name} is no text: {other}")),
        }
    }

    pub fn list(&self, name: &str) -> Result<&[Json], String> {
        match self.get(name)? {
            Json::List(items) => Ok(items),
            other => Err(format!("{name} is no list: {other}")),
        }
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Json {
        Json::Number(number)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(value) => write!(out, "{value}"),
            Json::Number(number) => write!(out, "{number}"),
            Json::Text(text) => write_text(out, text),
            Json::List(items) => {
                out.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if at > 0 { "," } else { "" })?;
                }
                out.write_char(']')
            }
            Json::Object(fields) => {
                out.write_char('{')?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    out.write_str(if at > 0 { "," } else { "" })?;
                    write_text(out, name)?;
                    write!(out, ":{value}")?;
                }
                out.write_char('}')
            }
        }
    }
}

fn write_text(out: &mut fmt::Formatter, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32)?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

struct Parser<'a> {
    chars: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Json, String> {
        self.skip_space();
        match self.chars.peek().copied() {
            Some('{') => self.object(),
            Some('[') => self.list(),
            Some('"') => Ok(Json::Text(self.text()?)),
            Some('0'..='9') => self.number(),
            Some('a'..='z') => self.word(),
            Some(c) => Err(format!("unexpected {c:?}")),
            None => Err("the line ends too early".to_string()),
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut fields = Vec::new();
        self.take('{')?;
        if self.takes('}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            self.take(':')?;
            fields.push((name, self.value()?));
            if !self.takes(',') {
                break;
            }
        }
        self.take('}')?;
        Ok(Json::Object(fields))
    }

    fn list(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        self.take('[')?;
        if self.takes(']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if !self.takes(',') {
                break;
            }
        }
        self.take(']')?;
        Ok(Json::List(items))
    }

    fn text(&mut self) -> Result<String, String> {
        let mut text = String::new();
        self.take('"')?;
        loop {
            match self.next()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        Ok(match self.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => match self.code_unit()? {
                // Two escapes stand for one character beyond the first 65,536.
                high @ 0xd800..=0xdbff => {
                    if self.next()? != '\\' || self.next()? != 'u' {
                        return Err("half of a character".to_string());
                    }
                    let low = self.code_unit()?.wrapping_sub(0xdc00) & 0x3ff;
                    to_char(0x10000 + ((high - 0xd800) << 10) + low)?
                }
                code => to_char(code)?,
            },
            c => c,
        })
    }

    fn code_unit(&mut self) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.next()?;
            code = code * 16
                + digit
                    .to_digit(16)
                    .ok_or_else(|| format!("not a digit: {digit:?}"))?;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, String> {
        let mut digits = String::new();
        while let Some(c @ ('0'..='9' | '.' | 'e' | 'E' | '+' | '-')) = self.chars.peek().copied() {
            digits.push(c);
            self.chars.next();
        }
        digits
            .parse()
            .map(Json::Number)
            .map_err(|_| format!("not a count: {digits}"))
    }

    fn word(&mut self) -> Result<Json, String> {
        let mut word = String::new();
        while let Some(c @ 'a'..='z') = self.chars.peek().copied() {
            word.push(c);
            self.chars.next();
        }
        match word.as_str() {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            _ => Err(format!("unexpected {word}")),
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.chars.peek(), Some(' ' | '\t' | '\r' | '\n')) {
            self.chars.next();
        }
    }

    fn next(&mut self) -> Result<char, String> {
        self.chars
            .next()
            .ok_or_else(|| "the line ends too early".to_string())
    }

    /// Takes this character, if it comes next.
    fn takes(&mut self, wanted: char) -> bool {
        self.skip_space();
        let is_there = self.chars.peek() == Some(&wanted);
        if is_there {
            self.chars.next();
        }
        is_there
    }

    fn take(&mut self, wanted: char) -> Result<(), String> {
        if self.takes(wanted) {
            Ok(())
        } else {
            Err(format!("expected {wanted:?}"))
        }
    }
}

fn to_char(code: u32) -> Result<char, String> {
    char::from_u32(code).ok_or_else(|| format!("no character has the code {code:x}"))
}
