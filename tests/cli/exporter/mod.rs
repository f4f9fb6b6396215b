//! `ntpkit exporter`: what it serves, whom it asks, and what its clients cannot do to it.

mod clients;
mod guarded;
mod running;
mod stop;
mod table;

use crate::support::{Run, daemon, host, mute};
use ntpkit::sim::fleet::{Rule, SimulatedFleet};
use running::Exporter;
use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[test]
fn this_machine_in_both_formats() {
    let exporter = Exporter::start(&[]);
    let answer = exporter.get("/metrics");
    assert_eq!(answer.status, 200);
    assert!(
        answer.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{}",
        answer.head
    );
    assert!(!answer.body.contains("# EOF"), "that is not of this format");
    let version = env!("CARGO_PKG_VERSION");
    let build = format!("ntpkit_build_info{{version=\"{version}\",arch=\"{}\"}}", std::env::consts::ARCH);
    assert_eq!(answer.sample(&build), Some(1.0), "{}", answer.body);
    assert!(answer.sample("ntpkit_kernel_code").is_some());
    assert_eq!(answer.sample("ntpkit_scrape_collector_success{collector=\"kernel\"}"), Some(1.0));
    let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3\r\n";
    let answer = exporter.get_with("/metrics", accept);
    let kind = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(answer.head.contains(kind) && answer.body.ends_with("# EOF\n"), "{answer:?}");
    assert!(answer.body.contains("# TYPE ntpkit_build info\n"));
}

#[test]
fn collectors_are_chosen() {
    let exporter = Exporter::start(&[
        "--no-collector.kernel",
        "--no-collector.system",
        "--no-collector.peers",
        "--no-collector.chrony",
    ]);
    let answer = exporter.get("/metrics");
    let mut names = answer.body.lines().filter(|line| !line.starts_with('#'));
    assert!(
        names.all(|name| name.starts_with("ntpkit_build_info{") || name.starts_with("process_")),
        "{}",
        answer.body
    );
    let exporter =
        Exporter::start(&["--web.telemetry-path", "/here", "--no-collector.kernel", "--collector.kernel"]);
    assert!(exporter.get("/here").sample("ntpkit_kernel_code").is_some(), "the last word counts");
    assert_eq!(exporter.get("/metrics").status, 404);
}

#[test]
fn of_contrary_words_about_a_collector_the_last_counts() {
    let exporter = Exporter::start(&[
        "--no-collector.system",
        "--collector.system",
        "--no-collector.peers",
        "--collector.peers",
        "--no-collector.chrony",
        "--collector.chrony",
        "--collector.clients",
        "--no-collector.clients",
    ]);
    let answer = exporter.get("/metrics");
    let runs = |name: &str| {
        answer.body.contains(&format!("ntpkit_scrape_collector_success{{collector=\"{name}\"}}"))
    };
    for name in ["system", "peers"] {
        assert!(runs(name), "{name}: {}", answer.body);
    }
    assert!(!runs("clients"), "{}", answer.body);
}

#[test]
fn the_other_pages() {
    let exporter = Exporter::start(&[]);
    let page = exporter.get("/");
    assert!(page.status == 200 && page.body.contains("<a href=\"/metrics\">"), "{page:?}");
    assert_eq!(exporter.get("/-/healthy").body, "Healthy\n");
    assert_eq!(exporter.get("/nothing").status, 404);
    let posted = exporter.say("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    assert!(
        posted.starts_with("HTTP/1.1 405 ")
            && posted.to_ascii_lowercase().contains("\r\nallow: get, head\r\n"),
        "{posted}"
    );
    let head = exporter.say("HEAD /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "no body: {head}");
}

#[test]
fn a_daemon_over_mode_6() {
    let simulated = daemon("campus");
    let target = host(&simulated);
    let exporter = Exporter::start(&[]);
    let answer = exporter.get(&format!("/probe?target={target}&module=control"));
    assert_eq!((answer.status, answer.sample("ntpkit_probe_success")), (200, Some(1.0)), "{}", answer.body);
    assert_eq!(answer.failure(), None);
    let label = format!("{{host=\"{target}\"}}");
    assert!(answer.sample(&format!("ntpkit_system_stratum{label}")).is_some(), "{}", answer.body);
    assert_eq!(answer.sample(&format!("ntpkit_up{label}")), Some(1.0));
    assert!(answer.sample(&format!("ntpkit_fleet_host_offset_seconds{label}")).is_some());
    // The peers are those that ntpq prints, with the same labels.
    let words = ["-n", "--format", "openmetrics", "-p", &target];
    let ours = Run::ntpq(words).run().stdout;
    let series = |text: &str| {
        let is_peer = |line: &&str| line.starts_with("ntpkit_peer_") && !line.contains("_age_seconds");
        let mut lines: Vec<String> = text.lines().filter(is_peer).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert!(series(&ours).len() > 20, "{ours}");
    let names = |text: &str| -> Vec<String> {
        series(text).iter().map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer.body), names(&ours));
    assert_eq!(answer.sample("ntpkit_probe_failure_info"), None);
}

#[test]
fn a_daemon_of_chrony() {
    let fleet = SimulatedFleet::start(Rule { silent_every: 0 }, Duration::ZERO).unwrap();
    let exporter = Exporter::start(&[]);
    // The host of this number is a chronyd.
    let target = format!("127.5.0.1:{}", fleet.chrony_port());
    let answer = exporter.get(&format!("/probe?target={target}&module=chrony"));
    assert_eq!(answer.sample("ntpkit_probe_success"), Some(1.0), "{}", answer.body);
    assert!(answer.body.contains("ntpkit_system_stratum{host=\"127.5.0."), "{}", answer.body);
    assert!(answer.body.contains("ntpkit_peer_offset_seconds{host=\"127.5.0."), "{}", answer.body);
    let answer = exporter.get(&format!("/probe?target=127.5.0.2:{}&module=sntp", fleet.port()));
    assert_eq!(answer.sample("ntpkit_probe_success"), Some(1.0), "{}", answer.body);
    assert!(!answer.body.contains("ntpkit_system_"), "it was asked for the time alone");
}

#[test]
fn a_target_is_asked_once_in_a_while() {
    let simulated = daemon("campus");
    let path = format!("/probe?target={}&module=control", host(&simulated));
    let exporter = Exporter::start(&[]);
    let answers: Vec<String> = thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| exporter.get(&path).body)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers[0].contains("ntpkit_probe_success 1\n"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "while it is asked, and right after");
    assert_eq!(simulated.time_requests(), 1);
    let asked = simulated.datagrams();
    assert_eq!(
        exporter
            .get(
                &path
                    .to_uppercase()
                    .replace("/PROBE?TARGET", "/probe?target")
                    .replace("&MODULE=CONTROL", "&module=control")
            )
            .body,
        answers[0]
    );
    assert_eq!(simulated.datagrams(), asked);
    let impatient = Exporter::start(&["--min-interval", "1"]);
    impatient.get(&path);
    thread::sleep(Duration::from_millis(1100));
    impatient.get(&path);
    assert_eq!(simulated.time_requests(), 3, "its time was over");
}

#[test]
fn only_allowed_networks_are_asked() {
    let simulated = daemon("campus");
    let port = simulated.local_address().port();
    let exporter = Exporter::start(&["--allow-targets", "192.0.2.0/24,2001:db8::/32"]);
    for target in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        "[::ffff:127.0.0.1]".into(),
        "0.0.0.0".into(),
    ] {
        let answer = exporter.get(&format!("/probe?target={target}"));
        assert_eq!(answer.status, 403, "{target}: {answer:?}");
        assert!(answer.body.contains("--allow-targets"), "{}", answer.body);
    }
    assert_eq!(simulated.datagrams(), 0);
    let exporter = Exporter::start(&[]);
    assert_eq!(
        exporter.get(&format!("/probe?target=127.0.0.1:{port}")).status,
        200,
        "this machine by default"
    );
    assert_eq!(exporter.get("/probe?target=224.0.1.1").status, 403);
}

#[test]
fn what_names_no_target() {
    let exporter = Exporter::start(&[]);
    for query in [
        "",
        "?module=sntp",
        "?target=",
        "?target=a&module=icmp",
        "?target=a&target=b",
        "?target=a%20b",
        "?target=%ff",
    ] {
        let answer = exporter.get(&format!("/probe{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    let answer = exporter.get("/probe?target=no-such-host.invalid");
    assert_eq!((answer.status, answer.failure()), (200, Some("no_address")), "{answer:?}");
    assert_eq!(answer.sample("ntpkit_probe_success"), Some(0.0));
}

#[test]
fn silence_lasts_as_long_as_the_scraper_waits() {
    let (_socket, target) = mute();
    let exporter = Exporter::start(&["--probe.timeout", "50"]);
    let begin = Instant::now();
    let answer =
        exporter.get_with(&format!("/probe?target={target}"), "X-Prometheus-Scrape-Timeout-Seconds: 1.5\r\n");
    assert!(begin.elapsed() < Duration::from_secs(25), "{:?}", begin.elapsed());
    assert_eq!((answer.status, answer.sample("ntpkit_probe_success")), (200, Some(0.0)));
    assert!(matches!(answer.failure(), Some("silent" | "timed_out")), "{answer:?}");
}

#[test]
fn no_answer_to_garbage_and_none_by_mode_7() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let target = socket.local_addr().unwrap();
    let exporter = Exporter::start(&["--probe.timeout", "1"]);
    let asked = thread::spawn(move || {
        let mut modes = Vec::new();
        let mut buffer = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            modes.push((buffer[0] & 7, length));
            // As long as a reflector would like it.
            socket.send_to(&[0xff; 1000], from).unwrap();
            if buffer[0] == b'x' {
                break;
            }
        }
        modes
    });
    let answer = exporter.get(&format!("/probe?target={target}"));
    assert_eq!(answer.sample("ntpkit_probe_success"), Some(0.0), "{answer:?}");
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"x", target).unwrap();
    let modes = asked.join().unwrap();
    let asked: Vec<_> = modes.iter().filter(|(_, length)| *length > 1).collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|(mode, length)| [3, 6].contains(mode) && *length <= 48),
        "{modes:?}"
    );
}

#[test]
fn it_does_not_start_if_a_request_cannot_be_met() {
    let running = Exporter::start(&[]);
    let taken = running.address.to_string();
    for (words, status, complaint) in [
        (vec!["--web.listen-address", &taken], 1, "Address already in use"),
        (vec!["--web.listen-address", "nowhere"], 1, "not :PORT, ADDRESS:PORT or [ADDRESS]:PORT"),
        (vec!["--web.config.file", "/no/such/file"], 1, "No such file or directory"),
        (vec!["--web.systemd-socket"], 1, "systemd passed no socket"),
        (vec!["--web.telemetry-path", "metrics"], 2, "a path begins with"),
        (vec!["--allow-targets", "everybody"], 2, "not a network"),
        (vec!["--min-interval", "0"], 2, "out of range"),
        (vec!["--collector.none"], 2, "unexpected argument"),
    ] {
        let ran = Run::called("ntpkit", ["exporter"].into_iter().chain(words.iter().copied())).run();
        assert_eq!(ran.status, Some(status), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(complaint), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn log_lines_are_those_of_exporters() {
    let exporter = Exporter::start(&["--log.level", "info", "--allow-targets", "192.0.2.1"]);
    assert_eq!(exporter.logged.len(), 2, "{:?}", exporter.logged);
    let (time, rest) = exporter.logged[0].split_once(' ').unwrap();
    assert!(time.starts_with("time=20") && time.ends_with('Z'), "{time}");
    assert_eq!(
        rest,
        format!("level=INFO msg=\"Starting ntpkit exporter\" version={}\n", env!("CARGO_PKG_VERSION"))
    );
    // Whatever is in a request, a line stays a line.
    exporter.get("/probe?target=127.0.0.1%0alevel=ERROR");
    assert_eq!(exporter.get("/probe?target=127.0.0.1").status, 403);
    let mut stream = exporter.connect();
    stream.write_all(b"GET /-/healthy HTTP/1.0\r\n\r\n").unwrap();
    let mut octets = Vec::new();
    stream.read_to_end(&mut octets).unwrap();
    assert!(octets.starts_with(b"HTTP/1.0 200 OK"), "{}", String::from_utf8_lossy(&octets));
}

#[test]
fn the_process_reports_about_itself() {
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let exporter = Exporter::start(&["--no-collector.system", "--no-collector.peers"]);
    let answer = exporter.get("/metrics");
    let sample = |name: &str| answer.sample(name).unwrap_or_else(|| panic!("{name}: {}", answer.body));
    let memory = sample("process_resident_memory_bytes");
    assert!((1e6..1e9).contains(&memory), "{memory}");
    // Three standard streams, the listener and this connection.
    assert!((5.0..256.0).contains(&sample("process_open_fds")), "{}", answer.body);
    assert!((0.0..60.0).contains(&sample("process_cpu_seconds_total")), "{}", answer.body);
    let started = sample("process_start_time_seconds");
    assert!((before - 1.0..before + 600.0).contains(&started), "{started}");
    assert!(answer.body.contains("# TYPE process_cpu_seconds_total counter\n"), "{}", answer.body);
    let probe = exporter.get("/probe?target=127.0.0.1:9");
    assert!(probe.status == 200 && !probe.body.contains("process_"), "only of this machine: {}", probe.body);
}
