//! The messages, and what each repeats.

/// A message that repeats something.
pub(crate) struct Message {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The message with so many repetitions.
    pub(crate) body: fn(usize) -> String,
    /// The smallest count that is compared.
    pub(crate) count: usize,
    /// Whether the answer lists what was repeated.
    pub(crate) lists: bool,
}

const fn execute(name: &'static str, body: fn(usize) -> String) -> Message {
    Message {
        name,
        method: "v1/execute",
        body,
        count: 500,
        lists: false,
    }
}

const fn build(name: &'static str, body: fn(usize) -> String) -> Message {
    Message {
        method: "v1/build",
        ..execute(name, body)
    }
}

const fn validate(name: &'static str, body: fn(usize) -> String) -> Message {
    Message {
        method: "v1/schema/riapi/latest/validate",
        lists: true,
        ..execute(name, body)
    }
}

fn repeated(item: &str, count: usize) -> String {
    let mut text = format!("{item},").repeat(count);
    text.pop();
    text
}

fn numbered(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

fn job(steps: &str) -> String {
    format!(r#"{{"framewise":{{"steps":[{steps}]}}}}"#)
}

fn graph(nodes: &str, edges: &str) -> String {
    format!(r#"{{"framewise":{{"graph":{{"nodes":{{{nodes}}},"edges":[{edges}]}}}}}}"#)
}

fn with_io(io: &str) -> String {
    format!(r#"{{"io":[{io}],"framewise":{{"steps":[]}}}}"#)
}

fn input(io: &str) -> String {
    with_io(&format!(r#"{{"io_id":0,"direction":"in","io":{io}}}"#))
}

fn command(value: &str) -> String {
    format!(r#"{{"command_string":{{"kind":"ir4","value":"{value}","watermarks":[]}}}}"#)
}

fn marked(marks: usize) -> String {
    command("w=9").replace("[]", &format!("[{}]", repeated(r#"{"io_id":1}"#, marks)))
}

fn query(value: &str) -> String {
    format!(r#"{{"query_string":"{value}"}}"#)
}

pub(crate) const MESSAGES: &[Message] = &[
    execute("steps", |n| job(&repeated(r#""flip_h""#, n))),
    execute("steps with settings", |n| {
        job(&repeated(r#"{"crop":{"x1":0,"y1":0,"x2":5,"y2":5}}"#, n))
    }),
    execute("nodes", |n| {
        graph(&numbered(n, |i| format!(r#""{i}":"flip_h""#)), "")
    }),
    execute("nodes of one key", |n| {
        graph(&repeated(r#""7":"flip_h""#, n), "")
    }),
    execute("keys that are no numbers", |n| {
        graph(&numbered(n, |i| format!(r#""k{i}":"flip_h""#)), "")
    }),
    execute("edges", |n| {
        graph(
            r#""0":"flip_h","1":"flip_h""#,
            &repeated(r#"{"from":0,"to":1,"kind":"input"}"#, n),
        )
    }),
    execute("a chain of edges", |n| {
        graph(
            &numbered(n, |i| format!(r#""{i}":"flip_h""#)),
            &numbered(n, |i| {
                format!(r#"{{"from":{i},"to":{},"kind":"input"}}"#, i + 1)
            }),
        )
    }),
    execute("watermarks of one node", |n| job(&marked(n))),
    execute("watermarks of many nodes", |n| {
        job(&repeated(&marked(100), n.div_ceil(100)))
    }),
    execute("decoder commands", |n| {
        let commands = repeated(r#""discard_color_profile""#, n);
        job(&format!(
            r#"{{"decode":{{"io_id":0,"commands":[{commands}]}}}}"#
        ))
    }),
    build("inputs that are no images", |n| {
        with_io(&numbered(n, |i| {
            format!(r#"{{"io_id":{i},"direction":"in","io":{{"bytes_hex":"00"}}}}"#)
        }))
    }),
    build("outputs", |n| {
        with_io(&numbered(n, |i| {
            format!(r#"{{"io_id":{i},"direction":"out","io":"output_buffer"}}"#)
        }))
    }),
    build("unknown fields of a job", |n| {
        format!("{{{}}}", numbered(n, |i| format!(r#""framewise{i}":{i}"#)))
    }),
    execute("unknown fields of a node", |n| {
        let fields = numbered(n, |i| format!(r#""y{i}":{i}"#));
        job(&format!(r#"{{"crop":{{"x1":0,"y1":0,"x2":5,{fields}}}}}"#))
    }),
    execute("unknown fields before a mistake", |n| {
        let fields = numbered(n, |i| format!(r#""y{i}":{i}"#));
        job(&format!(r#"{{"crop":{{"x1":"0",{fields}}}}}"#))
    }),
    execute("one unknown field", |n| {
        let name = "y".repeat(n);
        job(&format!(
            r#"{{"crop":{{"x1":0,"y1":0,"x2":5,"{name}":5}}}}"#
        ))
    }),
    execute("objects in an unknown field", |n| {
        format!(
            r#"{{"x":{}1{},"framewise":7}}"#,
            r#"{"a":"#.repeat(n),
            "}".repeat(n)
        )
    }),
    execute("arrays that do not end in an unknown field", |n| {
        format!(r#"{{"x":{}"#, "[".repeat(n))
    }),
    execute("objects where a node is due", |n| {
        job(&r#"{"crop":"#.repeat(n))
    }),
    execute("a name that is no node", |n| {
        job(&format!("\"{}\"", "flip_h".repeat(n)))
    }),
    execute("letters beyond ASCII that are no node", |n| {
        job(&format!("\"{}\"", "é".repeat(n)))
    }),
    execute("a string where a number is due", |n| {
        job(&format!(r#"{{"decode":{{"io_id":"{}"}}}}"#, "7".repeat(n)))
    }),
    execute("digits", |n| {
        job(&format!(r#"{{"decode":{{"io_id":{}}}}}"#, "7".repeat(n)))
    }),
    execute("decimals", |n| {
        job(&format!(r#"{{"decode":{{"io_id":0.{}}}}}"#, "7".repeat(n)))
    }),
    execute("lines before a mistake", |n| {
        job(&format!("{}nope", "\n".repeat(n)))
    }),
    execute("blanks before a mistake", |n| {
        job(&format!("{}nope", " ".repeat(n)))
    }),
    execute("commas", |n| job(&",".repeat(n))),
    execute("quotes", |n| job(&"\"\",".repeat(n))),
    execute("escapes", |n| {
        job(&format!("\"{}\"", "\\u0041\\n".repeat(n)))
    }),
    execute("what is no JSON", |n| "nope".repeat(n)),
    execute("a long command", |n| job(&command(&"a".repeat(n)))),
    execute("srcset of a node", |n| {
        job(&command(&format!("srcset={}", repeated("9w", n))))
    }),
    execute("commands", |n| {
        job(&repeated(&command("w=9&srcset=9w,9h&nope=1"), n))
    }),
    build("hexadecimal", |n| {
        input(&format!(r#"{{"bytes_hex":"{}"}}"#, "0".repeat(2 * n)))
    }),
    build("base64", |n| {
        input(&format!(r#"{{"base_64":"{}"}}"#, "AAAA".repeat(n)))
    }),
    build("wrong base64", |n| {
        input(&format!(r#"{{"base_64":"{}!"}}"#, "AAAA".repeat(n)))
    }),
    build("bytes", |n| {
        input(&format!(r#"{{"byte_array":[{}]}}"#, repeated("7", n)))
    }),
    build("a path", |n| {
        input(&format!(r#"{{"file":"{}"}}"#, "/x".repeat(n)))
    }),
    Message {
        method: "v1/get_image_info",
        ..execute("extras", |n| {
            format!(r#"{{"io_id":0,"extras":[{}]}}"#, repeated(r#""frames""#, n))
        })
    },
    validate("unknown keys", |n| {
        query(&numbered(n, |i| format!("k{i}=1")).replace(',', "&"))
    }),
    validate("one key", |n| query(&"w=1&".repeat(n))),
    validate("separators", |n| query(&"&;=".repeat(n))),
    validate("semicolons", |n| query(&format!("w=1{}", ";h=1".repeat(n)))),
    validate("numbers of a crop", |n| {
        query(&format!("crop={}&c={0}", repeated("1", n)))
    }),
    validate("radii", |n| {
        query(&format!("s.roundcorners={}", repeated("1", n)))
    }),
    validate("brackets", |n| query(&format!("crop={}", "(".repeat(n)))),
    validate("letters of a colour", |n| {
        query(&format!("bgcolor={}", "f".repeat(n)))
    }),
    validate("underscores", |n| {
        query(&format!("down.filter={}", "_".repeat(n)))
    }),
    validate("percent signs", |n| {
        query(&format!("w={}", "%41".repeat(n)))
    }),
    validate("commands of a srcset", |n| {
        query(&format!("srcset={}", repeated("1", n)))
    }),
    validate("commands of a short srcset", |n| {
        query(&format!("short={}", repeated("1w", n)))
    }),
    validate("hyphens of a srcset", |n| {
        query(&format!("srcset=webp{}", "-9".repeat(n)))
    }),
    validate("arguments that are wrong", |n| {
        query(&format!("srcset=png{}", "-x".repeat(n)))
    }),
    validate("letters of a srcset", |n| {
        let word = "x".repeat(n);
        query(&format!("srcset={}", repeated(&word, 10)))
    }),
];
