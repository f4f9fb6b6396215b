//! `ntpq -p` for many hosts with names, in a single loop.

use crate::app::ntpq::NTPQ;
use crate::cli::exit::RunOutcome;
use crate::cli::output::Output;
use crate::compat::Dialect;
use crate::console::batch::Run;
use crate::console::interactive::InputMode;
use crate::console::settings::Settings;
use crate::net::host::AddressFamily;
use crate::net::many::Jobs;
use crate::net::names::{Forward, Lookup, NameError, NameService, ResolverError};
use crate::sim::fleet::{Behaviour, Rule, SimulatedFleet, number_of};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

const PATIENT: Duration = Duration::from_secs(60);
const IMPATIENT: Duration = Duration::from_millis(300);

/// Names every address after its digits, and counts how often it was asked for each.
#[derive(Clone, Default)]
struct Names {
    lookups: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
    /// Whether it answers; it waits for that.
    answers: Arc<(Mutex<bool>, Condvar)>,
}

impl Names {
    fn answer(&self) {
        *self.answers.0.lock().unwrap() = true;
        self.answers.1.notify_all();
    }
}

impl Lookup for Names {
    fn forward(&self, _: &str, _: AddressFamily) -> Result<Forward, NameError> {
        Err(ResolverError::NO_NAME.into())
    }

    fn addresses(&self, name: &str, _: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        let digits = name.trim_start_matches("host-").trim_end_matches(".test");
        Ok(vec![digits.replace('-', ".").parse().unwrap()])
    }

    fn reverse(&self, address: IpAddr) -> Result<Option<String>, NameError> {
        *self.lookups.lock().unwrap().entry(address).or_default() += 1;
        let answers = self.answers.0.lock().unwrap();
        drop(self.answers.1.wait_while(answers, |answers| !*answers).unwrap());
        Ok(Some(format!("host-{}.test", address.to_string().replace('.', "-"))))
    }
}

/// What `ntpq -p` prints on these hosts of a fleet, with names from this service.
fn peers(
    names: &Names,
    patience: Duration,
    rule: Rule,
    hosts: &[u8],
    timeout: u64,
) -> (RunOutcome, String, String) {
    let fleet = SimulatedFleet::start(rule, Duration::from_millis(2)).unwrap();
    let run = Run {
        called: "ntpq".to_owned(),
        settings: Settings {
            timeout: Duration::from_millis(timeout),
            ..Settings::standard(&NTPQ, Dialect::Native)
        },
        names: Arc::new(NameService::new(names.clone(), patience)),
        queue: vec!["peers".into()],
        unordered: false,
        jobs: Jobs::Usual,
    };
    let operands: Vec<_> =
        hosts.iter().map(|host| (format!("127.9.9.{host}:{}", fleet.port()), AddressFamily::Any)).collect();
    let mut output = Output::record();
    let outcome = run.begin(&mut output, &operands, InputMode::Silent);
    let (results, messages) = output.into_texts();
    (outcome, results, messages)
}

/// The silent one of every 100 hosts.
const SILENT: u8 = 71;

/// Hosts without a fault, by the last part of their address.
fn good_hosts(rule: Rule) -> impl DoubleEndedIterator<Item = u8> {
    (1..=200).filter(move |&host| rule.behaviour(number_of([127, 9, 9, host].into())) == Behaviour::Good)
}

/// The first columns, which name the queried hosts.
fn servers(printed: &str) -> Vec<&str> {
    let rows = printed.lines().filter(|line| line.contains("192-0-2-") || line.contains("192.0.2."));
    let mut servers: Vec<&str> = rows.filter_map(|row| row.split(' ').next()).collect();
    servers.dedup();
    servers
}

#[test]
fn all_hosts_have_names_in_the_order_given_and_each_is_looked_up_once() {
    let names = Names::default();
    names.answer();
    // The first is silent: the others wait for their turn.
    let rule = Rule { silent_every: 100 };
    let hosts: Vec<u8> = std::iter::once(SILENT).chain(good_hosts(rule).rev()).collect();
    let (outcome, printed, messages) = peers(&names, PATIENT, rule, &hosts, 300);
    assert_eq!(outcome, RunOutcome::Ran { failed: true });
    let expected: Vec<String> = hosts[1..].iter().map(|host| format!("host-127-9-9-{host}.test")).collect();
    assert_eq!(servers(&printed), expected, "{messages}");
    let width = expected.iter().map(String::len).max().unwrap();
    let heading = printed.lines().find(|line| line.contains("remote")).unwrap();
    assert_eq!(heading.find("remote"), Some(width + 6), "{heading}");
    let lookups = names.lookups.lock().unwrap();
    assert!(lookups.len() > hosts.len());
    assert_eq!(lookups.values().max(), Some(&1), "{lookups:?}");
}

#[test]
fn a_silent_name_service_leaves_addresses() {
    let names = Names::default();
    let hosts: Vec<u8> = good_hosts(Rule::default()).collect();
    let (outcome, printed, messages) = peers(&names, IMPATIENT, Rule::default(), &hosts, 30_000);
    names.answer();
    assert_eq!((outcome, messages.as_str()), (RunOutcome::Ran { failed: false }, ""));
    let expected: Vec<String> = hosts.iter().map(|host| format!("127.9.9.{host}")).collect();
    assert_eq!(servers(&printed), expected);
}
