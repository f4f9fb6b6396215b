//! The name service with a scripted resolver: slow, silent, failing, lying.

use std::net::Ipv4Addr;
use std::sync::Condvar;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Long enough for things that happen at once, even on a busy machine.
const PATIENT: Duration = Duration::from_secs(20);

/// Long enough for all threads to start, and short enough to wait for.
const TIME_TO_BEGIN: Duration = Duration::from_secs(3);

/// Short enough to wait for.
const IMPATIENT: Duration = Duration::from_millis(300);

/// A resolver of hosts `NAME.test` and addresses 192.0.2.N, which behaves as the names say. A silent query is not
/// answered until the gate is opened.
#[derive(Clone, Default)]
struct Script {
    questions: Arc<AtomicUsize>,
    gate: Arc<(Mutex<bool>, Condvar)>,
    /// Slow queries are answered one at a time.
    turn: Arc<Mutex<()>>,
}

impl Script {
    fn service(&self, patience: Duration) -> NameService {
        NameService::new(self.clone(), patience)
    }

    fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }

    fn be_silent(&self) {
        let open = lock(&self.gate.0);
        drop(self.gate.1.wait_while(open, |open| !*open));
    }

    fn open_gate(&self) {
        *lock(&self.gate.0) = true;
        self.gate.1.notify_all();
    }
}

impl Lookup for Script {
    fn forward(&self, name: &str, family: AddressFamily) -> Result<Forward, NameError> {
        let addresses = self.addresses(name, family)?;
        let canonical_name = match name {
            "escape.test" => "evil\x1b[2J.test".to_owned(),
            name => format!("canonical.{name}"),
        };
        Ok(Forward {
            canonical_name: Some(canonical_name),
            addresses: addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect(),
        })
    }

    fn addresses(&self, name: &str, family: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        match name {
            "silent.test" => self.be_silent(),
            "unknown.test" => return Err(ResolverError::NO_NAME.into()),
            "empty.test" => return Ok(Vec::new()),
            name if name.starts_with("failing-") => {
                let _turn = lock(&self.turn);
                std::thread::sleep(IMPATIENT / 5);
                return Err(ResolverError::AGAIN.into());
            }
            name if name.starts_with("slow-") => {
                let _turn = lock(&self.turn);
                std::thread::sleep(IMPATIENT / 5);
            }
            _ => {}
        }
        let ipv4 = [IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])];
        let ipv6 = [IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])];
        Ok(match family {
            AddressFamily::Any => [ipv6.as_slice(), &ipv4].concat(),
            AddressFamily::Ipv4 => ipv4.to_vec(),
            AddressFamily::Ipv6 => ipv6.to_vec(),
        })
    }

    fn reverse(&self, address: IpAddr) -> Result<Option<String>, NameError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        let name = match address {
            IpAddr::V6(_) => "six.test",
            IpAddr::V4(address) => match address.octets()[3] {
                1 | 2 | 9 => "good.test",
                3 => "unknown.test",
                4 => "evil\x1b]0;title\x07.test",
                5 => "two\nlines",
                6 => "192.0.2.6 good.test",
                7 => return Ok(None),
                8 => return Err(ResolverError::AGAIN.into()),
                10 => return Ok(Some("long".repeat(32))),
                11 => "b\u{fc}ro.test",
                _ => {
                    self.be_silent();
                    "late.test"
                }
            },
        };
        Ok(Some(name.to_owned()))
    }
}

/// Waits for a condition that must become true sooner or later.
#[track_caller]
fn until(otherwise: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < PATIENT, "{otherwise}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

fn host(text: &str) -> Host {
    text.parse().unwrap()
}

#[test]
fn a_host_has_a_canonical_name_and_all_its_addresses() {
    let found = Script::default().service(PATIENT).forward(&host("pool.test:1123"), AddressFamily::Any);
    let found = found.unwrap();
    assert_eq!(found.name, "canonical.pool.test");
    let addresses: Vec<_> = found.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["[2001:db8::1]:1123", "192.0.2.1:1123", "192.0.2.2:1123"]);
}

#[test]
fn the_family_is_passed_on() {
    let service = Script::default().service(PATIENT);
    let found = service.forward(&host("pool.test"), AddressFamily::Ipv4).unwrap();
    assert_eq!(found.addresses, [SocketAddr::new(address(1), 123), SocketAddr::new(address(2), 123)]);
}

#[test]
fn numeric_hosts_need_neither_thread_nor_resolver() {
    let script = Script::default();
    let service = script.service(Duration::ZERO);
    for (text, name, socket) in [
        ("192.0.2.9", "192.0.2.9", "192.0.2.9:123"),
        ("[2001:DB8::9]:1123", "2001:db8::9", "[2001:db8::9]:1123"),
        ("127.1", "127.0.0.1", "127.0.0.1:123"),
    ] {
        service.begin_forward(&host(text), AddressFamily::Any);
        let found = service.forward(&host(text), AddressFamily::Any).unwrap();
        assert_eq!((found.name.as_str(), found.addresses), (name, vec![socket.parse().unwrap()]));
    }
    let error = service.forward(&host("::1"), AddressFamily::Ipv4).unwrap_err();
    assert_eq!(error.to_string(), "Address family for hostname not supported");
    assert_eq!((script.questions(), service.pool.workers()), (0, 0));
}

#[test]
fn the_resolvers_errors_keep_its_wording() {
    let service = Script::default().service(PATIENT);
    for (name, text) in
        [("unknown.test", "Name or service not known"), ("empty.test", "No address associated with hostname")]
    {
        assert_eq!(service.forward(&host(name), AddressFamily::Any).unwrap_err().to_string(), text);
    }
}

#[test]
fn a_silent_resolver_is_waited_for_once() {
    let script = Script::default();
    let service = script.service(IMPATIENT);
    let begun = Instant::now();
    let hosts: Vec<_> = (0..3).map(|_| host("silent.test")).collect();
    for host in &hosts {
        service.begin_forward(host, AddressFamily::Any);
    }
    (50..80).for_each(|last| service.begin_reverse(address(last)));
    for host in &hosts {
        assert_eq!(service.forward(host, AddressFamily::Any), Err(NameError::TimedOut));
    }
    for last in 50..80 {
        assert_eq!(service.host_text(address(last)), address(last).to_string());
    }
    let waited = begun.elapsed();
    // Not once per query.
    assert!(waited >= IMPATIENT && waited < 33 * IMPATIENT, "{waited:?}");
    script.open_gate();
}

#[test]
fn a_later_round_has_its_own_deadline_but_does_not_wait_for_late_answers() {
    let script = Script::default();
    let service = script.service(PATIENT);
    service.begin_reverse(address(99));
    until("nobody asked", || script.questions() == 1);
    service.start_round();
    let begun = Instant::now();
    assert_eq!(service.reverse(address(99)), None);
    assert_eq!(service.host_text(address(1)), "good.test");
    assert!(begun.elapsed() < PATIENT / 2, "{:?}", begun.elapsed());
    script.open_gate();
    until("the late name never arrived", || service.reverse(address(99)).is_some());
    assert_eq!(script.questions(), 4);
}

#[test]
fn names_are_looked_up_once_and_failures_again_in_the_next_round() {
    let script = Script::default();
    let service = script.service(PATIENT);
    for _ in 0..3 {
        service.begin_reverse(address(1));
        service.begin_reverse(address(8));
        assert_eq!(service.host_text(address(1)), "good.test");
        assert_eq!(service.host_text(address(8)), "192.0.2.8");
    }
    assert_eq!(script.questions(), 3);
    service.start_round();
    assert_eq!(service.host_text(address(1)), "good.test");
    assert_eq!(service.host_text(address(8)), "192.0.2.8");
    assert_eq!(script.questions(), 4);
}

#[test]
fn hosts_are_looked_up_once_per_round() {
    let script = Script::default();
    let service = script.service(PATIENT);
    for round in 1..=2 {
        for _ in 0..100 {
            service.begin_forward(&host("pool.test"), AddressFamily::Any);
            service.forward(&host("pool.test"), AddressFamily::Any).unwrap();
        }
        assert_eq!(script.questions(), round);
        service.start_round();
    }
}

#[test]
fn failures_do_not_prolong_the_wait_for_hosts() {
    let script = Script::default();
    let service = script.service(4 * IMPATIENT);
    let begun = Instant::now();
    for number in 0..100 {
        service.begin_forward(&host(&format!("failing-{number}.test")), AddressFamily::Any);
    }
    let last = service.forward(&host("failing-99.test"), AddressFamily::Any);
    assert_eq!(last, Err(NameError::TimedOut), "{:?}", begun.elapsed());
}

#[test]
fn names_that_do_not_resolve_back_are_not_trusted() {
    let service = Script::default().service(PATIENT);
    for (last, text) in [
        (1, "good.test"),
        (9, "192.0.2.9 (good.test)"),
        (3, "192.0.2.3 (unknown.test)"),
        (7, "192.0.2.7"),
        (8, "192.0.2.8"),
    ] {
        assert_eq!(service.host_text(address(last)), text);
    }
    assert_eq!(service.host_text("2001:db8::1".parse().unwrap()), "six.test");
    assert_eq!(service.host_text("2001:db8::2".parse().unwrap()), "2001:db8::2 (six.test)");
}

#[test]
fn names_that_cannot_be_displayed_count_as_none() {
    let service = Script::default().service(PATIENT);
    for last in [4, 5, 6, 10, 11] {
        assert_eq!(service.host_text(address(last)), address(last).to_string());
    }
    let found = service.forward(&host("escape.test"), AddressFamily::Ipv4).unwrap();
    assert_eq!(found.name, "192.0.2.1");
}

#[test]
fn threads_are_limited_and_lookups_without_one_in_time_are_dropped() {
    let script = Script::default();
    let service = script.service(TIME_TO_BEGIN);
    (100..200).for_each(|last| service.begin_reverse(address(last)));
    assert_eq!(service.pool.workers(), pool::MAX_WORKERS);
    assert_eq!(service.reverse(address(199)), None);
    script.open_gate();
    until("the lookups never end", || service.reverse.under_way() == 0);
    // Each thread looked up one name and then its addresses; the others came too late.
    assert_eq!(script.questions(), 2 * pool::MAX_WORKERS);
    assert_eq!(service.host_text(address(199)), "192.0.2.199");
}

#[test]
fn dropping_the_service_does_not_wait() {
    let script = Script::default();
    let service = script.service(IMPATIENT);
    service.begin_reverse(address(99));
    let begun = Instant::now();
    drop(service);
    assert!(begun.elapsed() < PATIENT / 2);
    script.open_gate();
}

#[test]
fn hosts_of_many_share_lookups_and_each_has_its_own_deadline() {
    let script = Script::default();
    let service = script.service(PATIENT);
    let (one, other) = (service.for_one_of_many(), service.for_one_of_many());
    assert!(!one.waits() && service.waits());
    assert_eq!(one.reverse(address(99)), None);
    assert!(one.was_behind() && !one.was_behind() && !other.was_behind());
    assert_eq!(other.reverse(address(99)), None);
    assert!(other.was_behind());
    script.open_gate();
    other.wait_from_now_on();
    assert_eq!(other.host_text(address(99)), "192.0.2.99 (late.test)");
    assert_eq!(one.host_text(address(99)), "192.0.2.99 (late.test)");
    assert!(!one.was_behind() && !other.was_behind());
    assert_eq!(script.questions(), 2, "a name and its addresses");
}

#[test]
fn a_name_that_is_too_late_for_one_host_is_looked_up_for_the_next() {
    let script = Script::default();
    let service = script.service(IMPATIENT);
    let early = service.for_one_of_many();
    (100..200).for_each(|last| early.begin_reverse(address(last)));
    until("never too late", || {
        early.was_behind();
        early.reverse(address(199)).is_none() && !early.was_behind()
    });
    script.open_gate();
    until("the lookups never end", || service.reverse.under_way() == 0);
    let patient = NameService { patience: PATIENT, ..service.for_one_of_many() };
    patient.wait_from_now_on();
    assert_eq!(patient.host_text(address(199)), "192.0.2.199 (late.test)");
}

#[test]
fn an_argument_of_many_hosts_is_looked_up_once() {
    let script = Script::default();
    let service = script.service(IMPATIENT);
    for _ in 0..3 {
        let one = service.for_one_of_many();
        assert!(one.forward(&host("pool.test"), AddressFamily::Ipv4).is_ok());
        assert_eq!(script.questions(), 1);
    }
    let begun = Instant::now();
    for _ in 0..100 {
        let found = service.for_one_of_many().forward(&host("silent.test"), AddressFamily::Any);
        assert_eq!(found, Err(NameError::TimedOut));
    }
    assert!(begun.elapsed() < 33 * IMPATIENT, "{:?}", begun.elapsed());
    script.open_gate();
    service.start_round();
    assert!(service.forward(&host("pool.test"), AddressFamily::Ipv4).is_ok());
    assert_eq!(script.questions(), 3, "the next round asks again");
}

#[test]
fn hosts_are_waited_for_as_long_as_the_name_service_answers() {
    let script = Script::default();
    let service = script.service(4 * IMPATIENT);
    let hosts: Vec<_> = (0..40).map(|number| host(&format!("slow-{number}.test"))).collect();
    let begun = Instant::now();
    for host in &hosts {
        service.begin_forward(host, AddressFamily::Any);
    }
    for host in &hosts {
        assert!(service.forward(host, AddressFamily::Any).is_ok(), "{host:?}");
    }
    assert!(begun.elapsed() >= 4 * IMPATIENT, "{:?}", begun.elapsed());
    assert_eq!(service.forward(&host("silent.test"), AddressFamily::Any), Err(NameError::TimedOut));
    script.open_gate();
}
