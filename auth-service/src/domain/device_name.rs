//! A user agent in words, such as `Firefox on Linux`, so that people know their sessions apart.
//!
//! Browsers are told by a library. What is not a browser names itself first, as gRPC clients do: `grpc-python/1.85.0`.
//! A user agent is whatever the client says, so nothing may be decided on it.

use woothee::parser::Parser;

const MOST_BYTES: usize = 64;

/// The device behind a user agent; empty when nothing can be told.
pub fn device_name(user_agent: &str) -> String {
    match Parser::new().parse(user_agent) {
        Some(found) if found.browser_type == "browser" => browser(found.name, found.os),
        Some(found) if found.category == "crawler" => found.name.to_owned(),
        _ => program(user_agent).unwrap_or_default().to_owned(),
    }
}

fn browser(name: &str, system: &str) -> String {
    let name = match name {
        "SamsungBrowser" => "Samsung Internet",
        name => name,
    };
    let system = match system {
        "Mac OSX" => "macOS",
        // Browsers say Windows 10 for every later one too.
        system if system.starts_with("Windows ") => "Windows",
        system => system,
    };
    match system {
        "" | "UNKNOWN" => name.to_owned(),
        system => format!("{name} on {system}"),
    }
}

/// The first product of the user agent (RFC 9110, section 10.1.5). `Mozilla` is what every browser says.
fn program(user_agent: &str) -> Option<&str> {
    let (name, _) = user_agent.split_once('/')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    (!name.is_empty() && name.len() <= MOST_BYTES && name.chars().all(is_name) && name != "Mozilla")
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn browsers_are_known_with_their_system() {
        for (user_agent, device) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) FxiOS/142.0 Mobile/15E148 Safari/604.1",
                "Firefox on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
        ] {
            assert_eq!(device_name(user_agent), device);
        }
    }

    #[test]
    fn programs_are_called_what_they_call_themselves() {
        for (user_agent, device) in [
            ("grpc-python/1.85.0 grpc-c/51.0.0 (linux; chttp2)", "grpc-python"),
            ("grpc-node-js/1.14.0", "grpc-node-js"),
            ("tonic/0.14.2", "tonic"),
            ("my-app/1.0 tonic/0.14.2", "my-app"),
            ("curl/8.5.0", "curl"),
        ] {
            assert_eq!(device_name(user_agent), device);
        }
    }

    #[test]
    fn where_nothing_can_be_told_nothing_is() {
        for user_agent in ["", " ", "/", "Mozilla/5.0", "<b>hello</b>/1", &"a".repeat(300)] {
            assert_eq!(device_name(user_agent), "", "{user_agent:?}");
        }
    }

    proptest! {
        #[test]
        fn no_user_agent_makes_it_panic(user_agent in ".{0,256}") {
            let _ = device_name(&user_agent);
        }
    }
}
