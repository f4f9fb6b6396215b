//! Causes and next steps of silence.

use super::*;
use crate::wire::packet::Mode;

fn packet(leap: u8, stratum: u8, reference_id: [u8; 4]) -> TimePacket {
    TimePacket {
        leap,
        stratum,
        reference_id,
        mode: Mode::SERVER,
        origin_timestamp: 7,
        ..TimePacket::request(0)
    }
}

fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

#[test]
fn refusals_are_distinguished_from_servers_without_time() {
    for (packet, expected, cause) in [
        (packet(0, 2, [192, 0, 2, 1]), Diagnosis::ServesTimeOnly(2), "it serves time but answers no queries"),
        (
            packet(3, 0, *b"INIT"),
            Diagnosis::ServesTimeOnly(0),
            "it serves time but answers no queries, and is not synchronised",
        ),
        (packet(3, 16, *b"RATE"), Diagnosis::Kiss(*b"RATE"), "it refuses this client (kiss-o'-death RATE)"),
        (packet(3, 0, *b"DENY"), Diagnosis::Kiss(*b"DENY"), "it refuses this client (kiss-o'-death DENY)"),
    ] {
        let diagnosis = Diagnosis::of_time(&packet);
        assert_eq!(diagnosis, expected);
        assert!(diagnosis.cause(Asked::State).starts_with(cause), "{}", diagnosis.cause(Asked::State));
    }
    let time = packet(0, 2, *b"RATE");
    assert_eq!(
        Diagnosis::of_time(&time),
        Diagnosis::ServesTimeOnly(2),
        "an identifier that looks like a kiss code"
    );
}

#[test]
fn the_address_of_a_name_is_named() {
    for (host, asked, label) in [
        ("localhost", "[::1]:123", "localhost (::1)"),
        ("localhost:9", "127.0.0.1:9", "localhost:9 (127.0.0.1)"),
        ("192.0.2.1", "192.0.2.1:123", "192.0.2.1"),
        ("[2001:db8::1]:9", "[2001:db8::1]:9", "[2001:db8::1]:9"),
    ] {
        assert_eq!(with_address(host, address(asked)), label);
    }
    assert_eq!(with_address("a.example", None), "a.example");
}

#[test]
fn path_errors_are_distinguished_from_local_ones() {
    let of = |errno: Errno| Diagnosis::of_error(&errno.into());
    assert_eq!(of(Errno::ECONNREFUSED), Some(Diagnosis::NotListening));
    assert_eq!(of(Errno::EPERM), Some(Diagnosis::Forbidden));
    assert_eq!(of(Errno::EHOSTUNREACH), Some(Diagnosis::Unreachable(Errno::EHOSTUNREACH as i32)));
    assert_eq!(of(Errno::EMFILE), None);
    assert_eq!(Diagnosis::of_fault(Fault::Unreachable(Errno::EPERM as i32)), Diagnosis::Forbidden);
}

#[test]
fn the_most_specific_fact_decides() {
    let reply = packet(0, 3, [192, 0, 2, 1]);
    let unreachable = Some(Errno::EHOSTUNREACH as i32);
    let known = |time, unmatched, unreachable, was_probed| {
        Diagnosis::of_silence(&Silence { heard: false, time, unmatched, unreachable, was_probed })
    };
    assert_eq!(known(Some(reply), 5, unreachable, true), Some(Diagnosis::ServesTimeOnly(3)));
    assert_eq!(known(None, 5, unreachable, true), Some(Diagnosis::Garbage(5)));
    assert_eq!(known(None, 0, unreachable, true), Some(Diagnosis::Unreachable(Errno::EHOSTUNREACH as i32)));
    assert_eq!(known(None, 0, None, true), Some(Diagnosis::Nothing));
    assert_eq!(known(None, 0, None, false), None, "there was no time to ask");
}

#[test]
fn the_next_step_is_for_the_address_that_was_asked() {
    let there = address("192.0.2.1:123");
    for (diagnosis, address, step) in [
        (Diagnosis::NotListening, there, "on that host: ss -lunp 'sport = :123'"),
        (Diagnosis::NotListening, address("[::1]:1123"), "ss -lunp 'sport = :1123'"),
        (Diagnosis::Unreachable(113), there, "ip route get 192.0.2.1"),
        (Diagnosis::Nothing, there, "on that host: tcpdump -ni any udp port 123"),
        (Diagnosis::Nothing, address("127.0.0.1:123"), "ntpkit diag"),
        (Diagnosis::ServesTimeOnly(2), address("[::1]:123"), "ntpkit diag"),
        (
            Diagnosis::Garbage(2),
            address("[2001:db8::1]:123"),
            "tcpdump -vni any host 2001:db8::1 and udp port 123",
        ),
        (Diagnosis::Kiss(*b"RATE"), there, "wait a few minutes, and ask less often: ntpdate -q -u 192.0.2.1"),
        (Diagnosis::Forbidden, None, "nft list ruleset"),
    ] {
        assert_eq!(diagnosis.next_step(address), step);
    }
    for asked in [Asked::Control, Asked::State, Asked::Time] {
        assert!(!Diagnosis::Nothing.cause(asked).contains("123"), "another port may have been asked");
    }
    let all = Diagnosis::Unreachable(113).explain(Asked::Time, there, Detail::Line);
    assert_eq!(all, "it cannot be reached: No route to host; next: ip route get 192.0.2.1");
}

#[test]
fn a_dead_name_server_is_distinguished_from_a_wrong_name() {
    let explain =
        |number| explain_name(&NameError::Resolver(ResolverError(number)), "a.example", Detail::Line);
    assert!(explain(-3).starts_with("no name server answered"));
    assert_eq!(
        explain(-2),
        "the name service does not know it; check the spelling. next: getent ahosts a.example"
    );
    assert!(explain(-9).starts_with("it has no address of the family"));
    let with_port = explain_name(&NameError::TimedOut, "a.example:1123", Detail::Line);
    assert!(with_port.ends_with("next: getent ahosts a.example"), "{with_port}");
    assert!(
        explain_name(&NameError::TimedOut, "a.example", Detail::Line).starts_with("no name server answered")
    );
}
