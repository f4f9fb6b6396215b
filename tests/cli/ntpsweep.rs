//! `ntpsweep`, run as a program against simulated daemons.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use crate::ntptrace::{PORT, at, following, primary, start};
use crate::support::{Ran, Run};
use ntpkit::sim::Overrides;
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};

const HEADING: &str = "\
Host                             st offset(s) version     system       processor
--------------------------------+--+---------+-----------+------------+---------
";

fn sweep(words: &[&str], hosts: &[IpAddr]) -> Ran {
    let list: Vec<String> = hosts.iter().map(|host| SocketAddr::new(*host, PORT).to_string()).collect();
    Run::called("ntpsweep", words.iter().copied().chain(["-l", &list.join(",")])).run()
}

#[test]
fn a_row_for_each_host_in_the_order_given() {
    let _first = start(at(11, 1), primary(), 0.0);
    let _second = start(at(11, 2), following(&[at(11, 1)]), 2.5);
    let ran = sweep(&["-n"], &[at(11, 2), at(11, 9), at(11, 1), at(11, 2)]);
    assert_eq!(ran.status, Some(1), "{ran}");
    assert_eq!(
        ran.stderr,
        "ntpsweep: 127.77.11.9:11123: no NTP daemon listens on that port there; next: ss -lunp 'sport = :11123'\n"
    );
    let rows: Vec<&str> = ran.stdout.strip_prefix(HEADING).unwrap().lines().collect();
    assert_eq!(rows.len(), 4, "{ran}");
    // A busy machine delays a packet by some milliseconds.
    let offset: f64 = rows[0].strip_prefix("127.77.11.2:11123                 3 ").unwrap().trim_start()[..5]
        .parse()
        .unwrap();
    assert!((offset - 2.5).abs() < 0.4, "{ran}");
    assert!(rows[0].ends_with(" 4.2.8p15@1. Linux/6.1.0  x86_64"), "{ran}");
    assert_eq!(rows[1], "127.77.11.9:11123                 ?");
    assert!(rows[2].starts_with("127.77.11.1:11123                 1 "), "{ran}");
    assert_eq!(rows[3], rows[0], "one host, one answer");
}

#[test]
fn peers_stand_below_their_clients() {
    let _root = start(at(12, 1), primary(), 0.0);
    let _middle = start(at(12, 2), following(&[at(12, 1), at(12, 3)]), 0.0);
    let _first = start(at(12, 3), following(&[at(12, 2)]), 0.0);
    let names = |ran: &Ran| -> Vec<String> {
        let rows = ran.stdout.strip_prefix(HEADING).unwrap().lines();
        rows.map(|row| row.get(..32).unwrap().trim_end().replace(":11123", "")).collect()
    };
    let ran = sweep(&["-n", "-p"], &[at(12, 3)]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    assert_eq!(names(&ran), ["127.77.12.3 (1)", " 127.77.12.2 (2)", "  127.77.12.1 (0)", "  = 127.77.12.3"]);
    let ran = sweep(&["-n", "-p", "-m", "1", "-s", "127.77."], &[at(12, 3)]);
    assert_eq!(names(&ran), ["12.3 (1)", " 12.2 (0)"]);

    let ran = sweep(&["-n", "-p", "--format", "json"], &[at(12, 3)]);
    let hosts: Vec<Value> =
        ran.quiet_success().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(hosts.len(), 3);
    assert_eq!((&hosts[0]["schema"], &hosts[0]["by"]), (&"ntpkit.sweep.v1".into(), &"mode6".into()));
    assert_eq!(hosts[1]["peers"][0], "127.77.12.1:11123");
    assert_eq!((&hosts[2]["level"], &hosts[2]["stratum"]), (&2.into(), &1.into()));
}

#[test]
fn hosts_come_from_files() {
    let _host = start(at(13, 1), primary(), 0.0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    std::fs::write(&file, format!("# time\n\n127.77.13.1:{PORT}\n!bad name\n")).unwrap();
    let file = file.to_str().unwrap();
    for words in [&[file][..], &["-f", file], &["--hosts-from", file]] {
        let ran = Run::called("ntpsweep", words.iter().copied()).run();
        assert_eq!(ran.status, Some(1), "{ran}");
        assert!(ran.stdout.contains("\n127.77.13.1:11123") || ran.stdout.contains(":11123 "), "{ran}");
        assert!(ran.stderr.starts_with("ntpsweep: ") && ran.stderr.contains("hosts:4: "), "{ran}");
    }
    let ran = Run::called("ntpsweep", ["-f", "/nonexistent/hosts"]).run();
    assert!(ran.status == Some(1) && ran.stderr.contains("/nonexistent/hosts: No such file"), "{ran}");
    let usage = "ntpsweep: no hosts; name them with -l, or a file of them\nUsage: ntpsweep [OPTION]... [-l HOSTS] [HOSTFILE]\n";
    let ran = Run::called("ntpsweep", [""; 0]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), usage));
}

#[test]
fn the_dialect_asks_as_the_script_does() {
    let _root = start(at(14, 1), primary(), 0.0);
    let mut scenario = following(&[at(14, 1)]);
    scenario.associations[0].offset = 5.0;
    scenario.associations[0].jitter = 0.0;
    scenario.system.overrides =
        Overrides::none().with("daemon_version", "\"ntpd 4.2.8p15@1.3728-o Wed Sep 23\"");
    let _host = start(at(14, 2), scenario, 0.0);
    let host = SocketAddr::new(at(14, 2), PORT).to_string();
    let classic = |words: &[&str]| Run::called("ntpsweep", words.iter().copied()).classic().run();
    let ran = classic(&["-H=x", "-LIST", &host]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "an option of Perl's own: {ran}");
    let ran = classic(&["-p", "--host-l", &host, "-l", "127.77.14.9:11123"]);
    assert_eq!(ran.status, Some(0), "{ran}");
    // A row with a sign is an error to it.
    assert!(ran.stderr.starts_with("ERROR: *127.77.14.1 ") && ran.stderr.contains(" +5."), "{ran}");
    let rows: Vec<&str> = ran.stdout.strip_prefix(HEADING).unwrap().lines().collect();
    assert!(rows[0].starts_with(&format!("{:32}  3 ", format!("{host} (0)"))), "{ran}");
    assert_eq!(rows[1], format!("{:32}  ?", "127.77.14.9:11123"));
    let ran = classic(&["/nonexistent/hosts"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr.ends_with("FATAL: unable to read /nonexistent/hosts: No such file or directory\n"),
        "{ran}"
    );
    let ran = classic(&[]);
    assert!(ran.status == Some(1) && ran.stderr.contains("\nUSAGE: ntpsweep "), "{ran}");
}
