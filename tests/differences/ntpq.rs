//! ntpq: tables, variables, configuration, lists of clients.

use super::both;
use super::fake::Fake;
use crate::support::{Run, daemon, host, on_a_terminal, scenario, still};
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{
    Association, Clients, Event, Faults, Overrides, Scenario, SimulatedDaemon, Turnover, crowd,
};

/// The campus with its first association changed.
fn first_changed(change: impl FnOnce(&mut Association)) -> SimulatedDaemon {
    let mut scenario = scenario("campus");
    change(&mut scenario.associations[0]);
    still(scenario, Faults::default())
}

/// The campus whose daemon has other variables.
fn system_changed(overrides: Overrides) -> SimulatedDaemon {
    let mut scenario = scenario("campus");
    scenario.system.overrides = overrides;
    still(scenario, Faults::default())
}

/// The first row of a table of peers.
fn first_row(text: &str) -> &str {
    text.lines().nth(2).unwrap()
}

#[test]
fn signed_offsets() {
    let campus = daemon("campus");
    let [classic, ours] = both(|| Run::ntpq(["-pn"]).of(&campus));
    assert!(classic.stdout.contains(" +") && !ours.stdout.contains(" +"), "{classic}{ours}");
    assert_eq!(classic.stdout.replace(" +", "  "), ours.stdout);
}

#[test]
fn unsigned_intervals() {
    let daemon = first_changed(|peer| peer.overrides = Overrides::none().with("delay", "-0.250"));
    let [classic, ours] = both(|| Run::ntpq(["-pn"]).of(&daemon));
    assert!(first_row(&classic.stdout).contains(" 4294967 "), "{classic}");
    assert!(first_row(&ours.stdout).contains(" -0.250 "), "{ours}");
}

#[test]
fn no_color() {
    let campus = daemon("campus");
    let run = || Run::ntpq(["-pn"]).of(&campus);
    let (classic, _) = on_a_terminal(&run().classic(), "");
    let (ours, _) = on_a_terminal(&run(), "");
    assert!(!classic.contains('\x1b') && ours.contains("\x1b["), "{ours}");
}

#[test]
fn unnamed_events() {
    let daemon = first_changed(|peer| peer.event = Event { count: 1, code: 12 });
    let [classic, ours] = both(|| Run::ntpq(["-c", "as"]).of(&daemon));
    let columns = |text: &str| text.lines().nth(2).unwrap().split_whitespace().count();
    assert_eq!(columns(&classic.stdout) + 1, columns(&ours.stdout), "{classic}{ours}");
}

#[test]
fn when_as_difference() {
    // 16 s after the turn of 2036: ahead of this machine's clock, but less than half an era.
    let daemon = first_changed(|peer| {
        peer.overrides = Overrides::none().with("rec", "0x00000010.00000000");
    });
    let [classic, ours] = both(|| Run::ntpq(["-pn"]).of(&daemon));
    let when = |text: &str| first_row(text).split_whitespace().nth(4).unwrap().to_owned();
    assert!(when(&classic.stdout).ends_with('y') || when(&classic.stdout).ends_with('d'), "{classic}");
    assert_eq!(when(&ours.stdout), "-");
}

#[test]
fn server_of_hidden_rows() {
    let (one, two) = (daemon("campus"), daemon("campus"));
    let [classic, ours] = both(|| Run::ntpq(["-n", "-c", "peers -6", &host(&one), &host(&two)]));
    let bare = |text: &str| {
        text.lines().any(|line| line.starts_with("127.0.0.1") && line.split_whitespace().count() < 5)
    };
    assert!(!bare(&ours.stdout), "{ours}");
    assert_ne!(classic.stdout.replace(" +", "  "), ours.stdout);
}

#[test]
fn ipv6_hash_is_0() {
    let daemon = first_changed(|peer| peer.overrides = Overrides::none().with("refid", "2001:db8::1"));
    let [classic, ours] = both(|| Run::ntpq(["-n", "-r", "hash", "-p"]).of(&daemon));
    let refid = |text: &str| first_row(text).split_whitespace().nth(1).unwrap().to_owned();
    assert!(refid(&classic.stdout) == "0" && refid(&ours.stdout).starts_with("2001:db8::1"), "{ours}");
}

#[test]
fn billboard_ends_early() {
    let mut crowd = crowd(3);
    crowd.associations[1].overrides = Overrides::none().with("srchost", vec![b'x'; 15_000]);
    let daemon = still(crowd, Faults::default());
    let [classic, ours] = both(|| Run::ntpq(["-n", "-c", "timeout 300", "-p"]).of(&daemon));
    let rows = |text: &str| [0, 1, 2].map(|last| text.contains(&format!("198.18.0.{last} ")));
    assert_eq!(rows(&classic.stdout), [true, false, false]);
    assert_eq!(rows(&ours.stdout), [true, false, true]);
    assert!(ours.stderr.contains("missing above: associations "), "{ours}");
}

#[test]
fn second_lookup() {
    let campus = daemon("campus");
    let [classic, ours] = both(|| Run::ntpq(["-pn", "no-such-host.invalid"]).of(&campus));
    let again = "***Can't find host no-such-host.invalid\n";
    assert!(classic.stderr.contains(again) && !ours.stderr.contains(again), "{classic}{ours}");
}

#[test]
fn all_or_nothing_reports() {
    let ntpsec = daemon("ntpsec");
    let [classic, ours] = both(|| Run::ntpq(["-c", "sysinfo"]).of(&ntpsec));
    assert!(!classic.stdout.contains("stratum: "), "{classic}");
    assert!(ours.stdout.contains("stratum: "), "{ours}");
}

#[test]
fn no_nts_counters() {
    let (ntpsec, other) = (daemon("ntpsec"), daemon("campus"));
    for (command, lines) in [("ntsinfo", 17), ("ntskeinfo", 4)] {
        let [classic, ours] = both(|| Run::ntpq(["-c", command]).of(&ntpsec));
        assert_eq!(classic.stderr, format!("***Command `{command}' unknown\n"));
        let out = ours.quiet_success();
        assert_eq!(
            (out.lines().count(), out.matches("NTS KE serves good:          0\n").count()),
            (lines, 1),
            "{out}"
        );
        let ran = Run::ntpq(["-c", command]).of(&other).run();
        assert!(
            ran.status == Some(1) && ran.stderr.contains("***A request variable unknown to the server"),
            "{ran}"
        );
    }
}

#[test]
fn empty_lines_after_failures() {
    // The last association is gone between the list and the question.
    let turnover = Turnover::VanishAt { request: 2, associations: 1 };
    let scenario = Scenario { turnover, ..crowd(3) };
    let lines = [true, false].map(|classic| {
        let daemon = still(scenario.clone(), Faults::default());
        let run = Run::ntpq(["-n", "-c", "mreadlist &1 &3"]).of(&daemon);
        let ran = if classic { run.classic() } else { run }.run();
        ran.stdout.lines().filter(|line| line.is_empty()).count()
    });
    assert_eq!(lines[0], lines[1] + 1);
}

#[test]
fn crash_without_leap() {
    for name in ["leap", "peermode", "refid"] {
        let daemon = system_changed(Overrides::none().without(name));
        for ran in both(|| Run::ntpq(["-c", "sysinfo"]).of(&daemon)) {
            assert!(ran.status.is_some() && ran.stdout.contains("stratum: "), "{name}: {ran}");
        }
    }
}

#[test]
fn config_file_retries() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ntp.conf");
    std::fs::write(&file, "bogus\n").unwrap();
    let key = Key::from_text(5, KeyType::Sha1, "secret").unwrap();
    let line = format!("config-from-file {}", file.display());
    let requests = [true, false].map(|classic| {
        let daemon =
            still(Scenario { control_key: Some(key.clone()), ..scenario("campus") }, Faults::default());
        let words = ["-c", "keytype SHA1", "-c", "keyid 5", "-c", "passwd wrong", "-c", &line];
        let run = Run::ntpq(words).of(&daemon);
        let ran = if classic { run.classic() } else { run }.run();
        assert!(ran.stdout.contains("query failed"), "{ran}");
        daemon.control_requests()
    });
    assert!(requests[0] > 1, "{requests:?}");
    assert_eq!(requests[1], 1);
}

fn with_clients(count: u32) -> Scenario {
    Scenario { clients: Clients { count, ..Clients::default() }, ..scenario("campus") }
}

#[test]
fn mru_all_or_nothing() {
    let words = ["-n", "-c", "timeout 300", "-c", "mrulist"];
    let [classic, ours] = [true, false].map(|classic| {
        let daemon = still(with_clients(2000), Faults { silent_after: Some(6), ..Faults::default() });
        let run = Run::ntpq(words).of(&daemon);
        if classic { run.classic() } else { run }.run()
    });
    assert!(!classic.stderr.contains("addresses were read"), "{}", classic.stderr);
    assert!(ours.stderr.contains("the list is incomplete: "), "{}", ours.stderr);
}

#[test]
fn mru_heading_past_redirection() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let line = format!("mrulist > {}", file.display());
    let daemon = still(with_clients(5), Faults::default());
    let heading = "lstint avgint rstr r m v ";
    let run = || Run::ntpq(["-n", "-c", &line]).of(&daemon);
    let classic = run().classic().run();
    assert!(classic.stdout.starts_with(heading), "{classic}");
    assert!(!std::fs::read_to_string(&file).unwrap().contains(heading));
    assert_eq!(run().run().quiet_success(), "");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with(heading));
}

#[test]
fn mru_progress_anywhere() {
    let daemon = still(with_clients(5), Faults::default());
    let [classic, ours] = both(|| Run::ntpq(["-n", "-c", "mrulist"]).of(&daemon));
    assert!(classic.stderr.contains("Retrieved 5 unique MRU entries"), "{classic}");
    assert_eq!(ours.stderr, "");
}

#[test]
fn mru_classic_filters() {
    let daemon = still(with_clients(5), Faults::default());
    let [classic, ours] = both(|| Run::ntpq(["-n", "-c", "mrulist sort=bogus"]).of(&daemon));
    let line = "ignoring unrecognized mrulist parameter: sort=bogus\n";
    assert!(!classic.stderr.contains(line) && ours.stderr.contains(line), "{classic}{ours}");
}

#[test]
fn restrictions_by_number() {
    let daemon = still(with_clients(5), Faults::default());
    let [classic, ours] = [true, false].map(|classic| {
        let before = daemon.control_requests();
        let run = Run::ntpq(["-n", "-c", "mrulist"]).of(&daemon);
        if classic { run.classic() } else { run }.run();
        daemon.control_requests() - before
    });
    // The question for the release.
    assert_eq!(ours, classic + 1);
}

#[test]
fn mru_unended_line() {
    let clock = "now=0xee412bc0.40000000, last.newest=0xee412bbf.40000000";
    let fake = Fake::start(move |request| {
        let opcode = request[1] & 0x1f;
        let data = match opcode {
            12 => "nonce=0123456789abcdef01234567".to_owned(),
            10 => format!(
                "nonce=0123456789abcdef01234567, addr.0=192.0.2.1:123, last.0=0xee412bbe.40000000, \
                 first.0=0xee412b00.40000000, ct.0=3, mv.0=36, rs.0=0x0, {clock}\r\n"
            ),
            _ => "version=\"ntpd 4.2.8p15\"".to_owned(),
        };
        let mut reply = request[..12].to_vec();
        reply[1] |= 0x80;
        reply[8..10].fill(0);
        reply[10..12].copy_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        reply.extend(data.bytes());
        reply.resize(reply.len().next_multiple_of(4), 0);
        vec![reply]
    });
    let words = ["-n", "-c", "timeout 300", "-c", "mrulist", &fake.address.to_string()].map(str::to_owned);
    let [classic, ours] = both(|| Run::ntpq(&words));
    let fault = "last.newest 0xee412bbf.40000000 mismatches ee412bbe.40000000";
    assert!(classic.stderr.ends_with(fault), "{classic}");
    assert!(ours.stderr.contains(&format!("{fault}\n")), "{ours}");
}
