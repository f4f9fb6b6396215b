//! What the dialect of 4.2.8p15 does otherwise, where the real program would be waited for.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// A query in the dialect, and one by default.
fn both(words: &[&str]) -> [Done; 2] {
    let words = [&["-q", "-t", "1"], words].concat();
    [Dialect::Classic, Dialect::Native].map(|dialect| run_with(FakeClock::default(), dialect, &words))
}

fn port_of(server: &Server) -> String {
    server.local_address().port().to_string()
}

/// A server at which questions arrive and end; it says when the last one arrived.
fn silent() -> (Server, std::rc::Rc<RefCell<Vec<Duration>>>) {
    let times = std::rc::Rc::<RefCell<Vec<Duration>>>::default();
    let seen = std::rc::Rc::clone(&times);
    let server = Server::start(([127, 0, 0, 1], 0).into(), move |_, _| {
        seen.borrow_mut().push(loopback::clock().now());
        Vec::new()
    });
    (server, times)
}

#[test]
fn the_next_request_is_polite_but_for_the_classic() {
    let (server, times) = silent();
    both(&["-p", "2", "--port", &port_of(&server), "127.0.0.1"]);
    let times = times.borrow();
    let gaps = [times[1].saturating_sub(times[0]), times[3].saturating_sub(times[2])];
    assert_eq!(gaps, [Duration::from_secs(1), Duration::from_secs(2)]);
}

#[test]
fn zeros_are_no_time_but_for_the_classic() {
    let server = Server::start(([127, 0, 0, 1], 0).into(), |request, _| {
        let mut reply = vec![0; 48];
        reply[0] = 0x24;
        reply[1] = 2;
        reply[3] = 0xec;
        reply[24..32].copy_from_slice(&request[40..48]);
        vec![reply]
    });
    let [classic, ours] = both(&["-d", "-p", "1", "--port", &port_of(&server), "127.0.0.1"]);
    assert!(classic.status == 0 && classic.results.contains("offset +0.000000"), "{}", classic.results);
    let dropped = "127.0.0.1: Server dropped: no data";
    assert!(ours.status == 1 && ours.results.contains(dropped), "{}", ours.results);
}

#[test]
fn silent_servers_are_mentioned_but_by_the_classic() {
    let server = daemon(1, 0, campus(), 0.0);
    let [classic, ours] = both(&["-p", "1", "--port", &port_of(&server), "127.0.0.2", "127.0.0.1"]);
    assert!(!classic.results.contains("127.0.0.2") && !classic.messages.contains("127.0.0.2"));
    assert!(ours.messages.contains("127.0.0.2: Server dropped: no data: no answer"), "{}", ours.messages);
    assert!(!ours.results.contains("127.0.0.2"), "{}", ours.results);
}

#[test]
fn lost_samples_have_no_figures_but_in_the_classic() {
    // It answers every second question.
    let mut honest = crate::sim::Daemon::new(campus(), crate::sim::NtpTime(loopback::clock().stamp().0));
    let mut count = 0;
    let server = Server::start(([127, 0, 0, 1], 0).into(), move |request, now| {
        count += 1;
        if count % 2 == 1 { honest.answer(request, now) } else { Vec::new() }
    });
    let [classic, ours] = both(&["-d", "-p", "2", "--port", &port_of(&server), "127.0.0.1"]);
    let delays = |done: &Done| {
        let line = done.results.lines().find(|line| line.starts_with("filter delay:"));
        line.unwrap_or_default().to_owned()
    };
    assert!(delays(&classic).contains(" 0.00000 "), "{}", classic.results);
    assert!(delays(&ours).contains(" - ") && !delays(&ours).contains(" 0.00000 "), "{}", ours.results);
}

#[test]
fn a_server_named_twice_is_asked_once_but_by_the_classic() {
    let server = daemon(1, 0, campus(), 0.0);
    let words = ["-q", "-p", "1", "--port", &port_of(&server), "127.0.0.1", "127.0.0.1"];
    run_with(FakeClock::default(), Dialect::Classic, &words);
    assert_eq!(server.time_requests(), 2);
    run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!(server.time_requests(), 3);
}

/// A query with a key file of this row and these permissions, in the dialect and by default; gives the file's name too.
fn with_key_file(row: &str, permissions: u32, more: &[&str]) -> ([Done; 2], String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    std::fs::write(&path, row).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(permissions)).unwrap();
    let path = path.display().to_string();
    let server = daemon(1, 0, campus(), 0.0);
    let port = port_of(&server);
    let common = ["-p", "1", "-a", "1", "-k", &path, "--port", &port, "127.0.0.1"];
    (both(&[more, &common].concat()), path)
}

#[test]
fn no_secret_is_traced() {
    let (runs, _) = with_key_file("1 MD5 swordfish\n", 0o600, &["-dd"]);
    for done in runs {
        assert!(done.results.contains("transmit(127.0.0.1)"), "{}", done.results);
        assert!(!done.results.contains("swordfish") && !done.messages.contains("swordfish"));
    }
}

#[test]
fn libraries_are_not_quoted_but_by_the_classic() {
    let ([classic, ours], _) = with_key_file("1 AES128CMAC 0123456789abcdef\n", 0o600, &["-d"]);
    assert!(classic.messages.contains("CMAC"), "{}", classic.messages);
    assert!(!ours.results.contains("CMAC") && !ours.messages.contains("CMAC"), "{}", ours.messages);
}

#[test]
fn a_readable_key_file_is_noticed_but_by_the_classic() {
    let ([classic, ours], path) = with_key_file("1 MD5 swordfish\n", 0o644, &[]);
    let warning = format!("key file {path} is accessible to other users");
    assert!(!classic.messages.contains(&path), "{}", classic.messages);
    assert!(ours.messages.contains(&warning), "{}", ours.messages);
}

#[test]
fn versions_are_those_that_there_are_but_in_the_classic() {
    let port = closed_port().to_string();
    let [classic, ours] = both(&["-p", "1", "-o", "8", "--port", &port, "127.0.0.1"]);
    assert_eq!((classic.status, ours.status), (1, 2), "{}", ours.messages);
}
