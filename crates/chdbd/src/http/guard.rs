//! Loopback is open to every web page in a browser on this machine: requests that one could make are refused.

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

/// Whether the request was addressed to this machine by a program rather than by a web page: no Origin of another
/// site, and a Host that no foreign name server chose.
pub(super) fn is_local(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST).is_none_or(|host| is_loopback(without_port(host)));
    let origin = text(ORIGIN).is_none_or(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, host)| is_loopback(without_port(host)))
    });
    host && origin
}

fn without_port(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(pairs: &[(hyper::header::HeaderName, &str)]) -> bool {
        is_local(
            &pairs
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().unwrap()))
                .collect(),
        )
    }

    #[test]
    fn programs_on_this_machine_pass() {
        assert!(local(&[(HOST, "127.0.0.1:8123")]));
        assert!(local(&[(HOST, "localhost")]));
        assert!(local(&[(HOST, "[::1]:8123"), (ORIGIN, "http://localhost:8080")]));
        assert!(local(&[]));
    }

    #[test]
    fn web_pages_do_not() {
        assert!(!local(&[(HOST, "rebound.example:8123")]));
        assert!(!local(&[
            (HOST, "127.0.0.1:8123"),
            (ORIGIN, "https://elsewhere.example")
        ]));
        assert!(!local(&[(HOST, "127.0.0.1:8123"), (ORIGIN, "null")]));
    }
}
