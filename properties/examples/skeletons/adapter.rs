// An adapter of spec/ADAPTER.md to put around your server: `rustc -O adapter.rs`, then adapter-check ./adapter.
#![allow(dead_code)] // what your server will call
use std::io::{stdin, stdout, Write};

/// Of JSON without blanks, as the harness writes it; "" where there is none.
fn field<'a>(json: &'a str, name: &str) -> &'a str {
    let Some(from) = json.find(&format!("\"{name}\":")) else { return "" };
    let rest = &json[from + name.len() + 3..];
    let (skip, end): (usize, &[char]) = match rest.as_bytes()[0] {
        b'"' => (1, &['"']),
        b'{' => (1, &['}']),
        _ => (0, &[',', '}']),
    };
    rest[skip..].split(end).next().unwrap_or("")
}
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}
fn say(line: &str) {
    println!("{line}");
    stdout().flush().unwrap();
}
fn hear() -> String {
    let mut line = String::new();
    if stdin().read_line(&mut line).unwrap() == 0 {
        std::process::exit(0)
    }
    line
}

// What your server calls: `at` is its connection, s0 or s1 and so on.
fn send(at: &str, frame: &[u8]) -> bool {
    say(&format!(r#"{{"send":{{"at":"{at}","hex":"{}"}}}}"#, hex(frame)));
    field(&hear(), "ok") == "true"
}
fn random(at: &str, n: usize) -> Vec<u8> {
    say(&format!(r#"{{"rng":{{"at":"{at}","bytes":{n}}}}}"#));
    unhex(field(&hear(), "hex"))
}
fn accepted(at: &str, frame: &[u8]) {
    say(&format!(r#"{{"report":{{"on":"accepted","at":"{at}","hex":"{}"}}}}"#, hex(frame)))
}
fn rejected(at: &str, frame: &[u8], reason: &str) {
    say(&format!(r#"{{"report":{{"on":"rejected","at":"{at}","hex":"{}","reason":"{reason}"}}}}"#, hex(frame)))
}
fn ended(at: &str, by: &str) {
    say(&format!(r#"{{"report":{{"on":"ended","at":"{at}","by":"{by}"}}}}"#))
}

fn main() {
    loop {
        let call = hear();
        let at = field(&call, "at");
        let mut closing = r#"{"ok":true}"#;
        match field(&call, "op") {
            "init" if field(&call, "role") != "server" => closing = r#"{"unsupported":true}"#,
            // yours: forget everything; "mode", "keys", "limits" and "challenge" of the call
            "init" => closing = r#"{"ok":true,"emits":["accepted","rejected","ended"],"can":["rng","tick"]}"#,
            "open" => {} // yours: a connection, `at`
            "receive" => {
                let _bytes = unhex(field(&call, "hex")); // yours: of its stream, at the time field(&call, "now")
            }
            "close" => ended(at, "close"), // yours: it was closed by the network
            "tick" => {}                   // yours: timers may fire
            _ => closing = r#"{"unsupported":true}"#,
        }
        say(closing);
    }
}
