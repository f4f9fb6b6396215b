//! The clients that ntpd heard from recently.

use crate::client::daemon::Daemon;
use crate::clock::Stopwatch;
use crate::model::Origin;
use crate::model::mru::{MruReport, RestrictionNumbering};
use crate::net;
use crate::session::Session as _;
use crate::session::control::Request;
use crate::session::drive::Hooks;
use crate::session::mru::{Config, MruSession};
use crate::wire::AssociationId;
use crate::wire::control::{DEFAULT_VERSION, Opcode};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan;
use std::collections::BTreeMap;
use std::time::Duration;

/// The interval of checks of the deadline.
const TICK: Duration = Duration::from_millis(100);
/// The maximum number of rows to read.
const MAX_ROWS: usize = 65_536;

/// Reads the list; `None` if the daemon refuses. A list that takes too long is incomplete. With `within`, clients last heard
/// from more than this many seconds ago are omitted.
pub fn read(
    daemon: &mut Daemon,
    origin: Origin,
    limit: Duration,
    within: Option<u32>,
) -> Option<Box<MruReport>> {
    let ask = |opcode, data: &[u8]| Request::open(opcode, AssociationId::SYSTEM, data.to_vec());
    let questions = [ask(Opcode::REQUEST_NONCE, b""), ask(Opcode::READ_VARIABLES, b"version")];
    let mut answers = daemon.ask_all(&questions, &mut |_, _| None, &mut |_, _| {}).into_iter();
    let reply = answers.next()?.ok()?;
    let nonce = String::from_utf8(reply.data.trim_ascii().strip_prefix(b"nonce=")?.to_vec()).ok()?;
    let numbering = match answers.next() {
        Some(Ok(reply)) => {
            RestrictionNumbering::of_version(scan(&reply.data).value("version").unwrap_or_default())
        }
        _ => RestrictionNumbering::Current,
    };
    let config = Config {
        version: DEFAULT_VERSION,
        first_sequence: net::random(),
        secret: net::random(),
        silence: limit,
        parameters: String::new(),
        longest_interval: within,
        raw: false,
        follows: false,
        divides: true,
        window: 0,
        key: None,
    };
    let watch = Stopwatch::start();
    let mut bounded = Hooks {
        event: &mut |_: &mut MruSession, _| {},
        datagram: &mut |_, _| {},
        turned: &mut |session: &mut MruSession| {
            if watch.elapsed() >= limit || session.progress().0 >= MAX_ROWS {
                session.give_up();
            }
        },
        tick: Some(TICK),
    };
    let (session, error) = daemon.read_list(config, &nonce, &mut bounded);
    let list = session.into_list();
    if error.is_some() || list.entries.is_empty() && list.fault.is_some() {
        return None;
    }
    Some(Box::new(MruReport {
        now: list.now.unwrap_or_else(|| NtpTimestamp::from(origin.time)),
        origin,
        entries: list.entries,
        names: BTreeMap::new(),
        numbering,
        updates: list.updates,
        fault: list.fault.map(|_| "not read to its end".to_owned()),
        streamed: None,
    }))
}
