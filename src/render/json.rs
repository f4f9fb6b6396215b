//! JSON: one object per report, each on its own line.
//!
//! | `schema` | contents |
//! |---|---|
//! | `ntpkit.peers.v1` | the peers of a daemon: `peers`, `apeers`, `opeers` and similar commands |
//! | `ntpkit.associations.v1` | the list of associations: `associations` and similar commands |
//! | `ntpkit.variables.v1` | the variables of one reply: `readvar`, `readlist`, `clockvar`, `clocklist`, `mreadvar` … |
//! | `ntpkit.mru.v1` | one client of the daemon: `mrulist` prints one object per client |
//! | `ntpkit.mru_summary.v1` | a summary of the list, after its rows |
//! | `ntpkit.sysinfo.v1` | the variables of one report; likewise `sysstats`, `monstats`, `iostats`, `timerstats`, `kerninfo`, `authinfo`, `ntsinfo`, `ntskeinfo`, `pstats` |
//! | `ntpkit.ifstats.v1` | the interfaces of a daemon |
//! | `ntpkit.reslist.v1` | the restrictions of a daemon's access list |
//! | `ntpkit.showvars.v1` | the list of variables to request |
//! | `ntpkit.fleet_host.v1` | one host of a fleet: `ntpkit fleet` prints one object per host |
//! | `ntpkit.fleet.v1` | a summary of the fleet, after its hosts |
//! | `ntpkit.error.v1` | an unanswered query, a command that failed, an invalid host |
//!
//! Within `v1`, keys may be added, but none is removed or changes its meaning, unit or type. Every object of a schema
//! has all its keys. Unknown, absent and invalid values are `null`.
//!
//! # Common keys
//!
//! `host` is the daemon's canonical name, or its address, or what the user typed if it has neither; `address` and
//! `port` are what was queried (`null` if nothing could be); `time` is when the object was created; `authentic` says
//! whether all replies behind the object were verified with the key of the requests (`null` if they were not
//! authenticated).
//!
//! * A unit is part of the key: `_ms` milliseconds, `_s` seconds, `_log2s` a power of two of seconds.
//! * A timestamp is an object: `time` in RFC 3339 format, `raw` as the 64-bit NTP timestamp in hexadecimal with a
//!   point.
//! * A number is never NaN or infinite. A flag is a boolean.
//! * The output is ASCII: other characters are written `\uXXXX`. Octets of a string that are not UTF-8 appear
//!   as the four characters `\xNN` (in JSON: `"\\xe9"`), a backslash as two (in JSON: `"\\\\"`).
//!
//! # Status words of peers (RFC 9327 section 3.2)
//!
//! In `peers`, `associations`, and as `status` of a peer's variables: `status` the word, `"0x961a"`
//! (`word` within `status`); `tally` the character in front of the classic line, `selection` its name (`reject`,
//! `falsetick`, `excess`, `outlier`, `candidate`, `backup`, `sys.peer`, `pps.peer`); `configured`,
//! `authentication_enabled`, `authentic`, `reachable`, `broadcast`; `event` the latest event's name and
//! `event_count` how many there were since the word was last read.
//!
//! # `ntpkit.peers.v1`
//!
//! `peers` is a list in the order of the classic table, `missing` a list of `association_id`, `error`,
//! `message` for associations that could not be read. A peer has, besides its status word: `association_id`;
//! `name` (as configured, else its host name, else the address; never looked up with `-n`); `address`, `port`;
//! `configured_name`; `local_address`; `reference_clock` (`"LOCAL(0)"` for 127.127.1.0); `type` (`unicast`,
//! `symmetric_active`, `symmetric_passive`, `local_clock`, `pool`, `manycast`, `broadcast_server`,
//! `multicast_server`, `broadcast_client`, `multicast_client`); `refid`; `stratum`; `host_mode`;
//! `when_s` since it was last heard from; `poll_s`, `host_poll_log2s`, `peer_poll_log2s`; `reach`, a bit mask with
//! the latest poll in bit 0, and `reach_count`, how many of the last eight polls were answered; `delay_ms`,
//! `offset_ms`, `jitter_ms`, `dispersion_ms`; `flash`, the names of the failed tests, and `flash_word`;
//! `received`, `reference_time`: timestamps.
//!
//! A reference identifier (`refid`) is an object of `kind` and `value`: `code` (`"GPS"`, a kiss code such as
//! `"INIT"`), `clock` (`"LOCAL(0)"`), `address` (`"192.0.2.1"`; for an IPv6 source these four octets are a hash,
//! which cannot be distinguished from an address), `unreadable`.
//!
//! # `ntpkit.variables.v1`
//!
//! `association_id` (0: the daemon itself); `kind`: `system`, `peer` or `clock`; `status`: for a system `word`,
//! `leap`, `source`, `event`, `event_count`, for a peer as above, for a clock `word`, `event`, `event_count`.
//!
//! `variables` has the variables under the daemon's names. `units` has their units, if they have any: `ms`,
//! `s`, `log2s`, `ppm`, `KiB`. `raw` has the same variables as received, all as strings with their quotes.
//! Known variables are typed: timestamps (`reftime`, `clock`, `org`, `rec`, `xmt`) and dates (`leapsec`,
//! `expire`) are RFC 3339 strings, and `null` if there is no time; `leap` is 0 to 3; `reach` and `flash` are
//! as in a peer; `refid` is as in a peer; `filtdelay`, `filtoffset`, `filtdisp` are lists of numbers, the latest
//! first; text loses its quotes. In other variables, a decimal number is a number, and everything else is a string. Of a name that
//! occurs twice, the last one counts.
//!
//! # `ntpkit.sysinfo.v1` and the other reports
//!
//! Objects like those of variables, with the variables that the report requests and the daemon knows.
//!
//! # `ntpkit.ifstats.v1`, `ntpkit.reslist.v1`, `ntpkit.showvars.v1`
//!
//! `interfaces`: of each `index` (the daemon's number), `name`, `address`, `port`, `broadcast_address`, `enabled`,
//! `flags` in hexadecimal, `time_to_live`, `multicast_groups`, `received_packets`, `sent_packets`,
//! `send_failures`, `peers` (associations that use it), `uptime_s`.
//!
//! `restrictions`: of each `index`, `address`, `mask`, `prefix_length` (`null` if the mask is not a prefix), `hits`,
//! and `flags`, a list of words.
//!
//! `variables`: names and values as typed, `null` if none was given.
//!
//! # `ntpkit.mru.v1`
//!
//! `client_address`, `client_port`; `name`, its host name (`null` if it has no confirmed one, and with
//! `-n`); `last`, `first`: timestamps of its packets; `last_interval_s` since the last, by the daemon's clock;
//! `average_interval_s` between two; `count` of packets; `score` of the limit of their rate, and how many were
//! `dropped`, `null` where the daemon (4.2.8p15) does not report it; `mode` and `version` of the last; `restrictions`: `word`
//! and `names` of its bits, which older daemons and NTPsec number differently from 4.2.8p15.
//!
//! # `ntpkit.mru_summary.v1`
//!
//! `complete`: whether the list has all addresses that the daemon had; `addresses`, their number; `updates`, how many
//! rows arrived again, newer, while the list was read; `rows`, the number of row objects, which is larger if rows are
//! printed while the list is read (the last row of an address counts then); `now`, when the list was read, by the
//! daemon's clock; `message`, why the list is incomplete, or `null`.
//!
//! # `ntpkit.fleet_host.v1`, `ntpkit.fleet.v1`
//!
//! A host has: `host` as given, `address`, `port`; `by`: `control`, `chrony` or `sntp`, the protocol in which it
//! answered, `null` if it did not; `daemon`; `state`: `ok`, `warning`, `critical` or `unknown`; `problems`: of each `cause`, `state` and
//! `message`, the worst first. Its measurement: `offset_ms`, the offset of its clock from this machine's, and `delay_ms`.
//! `bound_ms`, its maximum error according to itself; `leap`, `stratum`, `refid`. Its daemon's report:
//! `own_offset_ms`, the offset of its sources from its clock; `sources`, `usable_sources`; `reach` of the source that it follows, a bit mask, and
//! `reach_count`. `agrees`: whether the majority of the fleet agrees with its clock, `null` if unknown (so far).
//!
//! A fleet has: `state`; `hosts`, how often they were `named`, `answered`; `by`, how many answered in each protocol; `lost`, how many did not, by
//! reason; `measured`, the number of clocks measured; `offset_p50_ms`, `offset_p99_ms`, `offset_max_ms` of their absolute
//! offsets; `spread_ms`, the largest difference, between the hosts `behind` and `ahead`; `majority`: `found`, `none` or `too_few`;
//! `agreeing`, `disagreeing`; `sources`, different servers that synchronised hosts follow; `stratum1_roots`; `groups`: for
//! each `cause`, `state`, and `hosts`, the names of the hosts whose worst problem it is; `interrupted`.
//!
//! # `ntpkit.mode7.*.v1`
//!
//! Data that `ntpdc` reads over mode 7, one schema per command: `peers` (also of `dmpeers`), `showpeer`,
//! `reslist`, `monlist`, `ifstats` (also of `ifreload`) have a list of objects (`peers`, `restrictions`, `clients`,
//! `interfaces`), `sysinfo`, `sysstats`, `loopinfo`, `kerninfo`, `iostats` their values at the top. The keys are
//! those of the classic report, spelled out. `flags` are lists of words; hexadecimal words (`status`, `flash`) are
//! strings.
//!
//! # `ntpkit.error.v1`
//!
//! `command` (`null` if the daemon could not be contacted for any), `association_id`; `error`: `no_host`,
//! `timed_out`, `incomplete`, `malformed`, `unauthentic`, `refused`, `network`, `unusable`; `code`, the error code of a refusal
//! (RFC 9327 section 2); `message` for people. `unusable` is a mistake of the user, or a command without
//! JSON output. Standard error and the exit status report all of this as well.

mod ascii;
mod fleet;
mod lists;
mod mru;
mod peers;
mod records;
mod variables;

pub use self::ascii::line as object_line;
pub use self::fleet::{fleet_host, fleet_host_at, fleet_summary};
pub use self::mru::{mru_lines, mru_row};
use self::peers::{AssociationObject, MissingObject, PeerObject};
use self::variables::{StatusObject, Variables};
use crate::model::Origin;
use crate::model::report::{
    AssociationsReport, FailureReport, FaultCause, PeersReport, Report, VariablesReport,
};
use crate::wire::status::StatusWord;
use crate::wire::timestamp::NtpTimestamp;
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// The line of a report, with its line feed.
pub fn line(report: &Report) -> String {
    match report {
        Report::Peers(report) => ascii::line(&peers(report)),
        Report::Associations(report) => ascii::line(&associations(report)),
        Report::Variables(report) => ascii::line(&variables(report)),
        Report::Mru(report) => mru_lines(report).collect(),
        Report::Records(report) => records::line(report),
        Report::VariableList(report) => ascii::line(&lists::variable_list(report)),
        Report::Interfaces(report) => ascii::line(&lists::interfaces(report)),
        Report::Restrictions(report) => ascii::line(&lists::restrictions(report)),
        Report::Failure(report) => ascii::line(&failure(report)),
    }
}

/// What every object begins with, and then its own.
#[derive(Serialize)]
struct Object<'a, T> {
    schema: Cow<'static, str>,
    host: &'a str,
    address: Option<String>,
    port: Option<u16>,
    time: String,
    authentic: Option<bool>,
    #[serde(flatten)]
    content: T,
}

impl<'a, T: Serialize> Object<'a, T> {
    fn new(schema: impl Into<Cow<'static, str>>, origin: &'a Origin, content: T) -> Self {
        Self {
            schema: schema.into(),
            host: &origin.host,
            address: origin.address.map(|address| address.ip().to_string()),
            port: origin.address.map(|address| address.port()),
            time: origin.time.to_string(),
            authentic: origin.authentic,
            content,
        }
    }
}

#[derive(Serialize)]
struct Peers {
    peers: Vec<PeerObject>,
    missing: Vec<MissingObject>,
}

fn peers(report: &PeersReport) -> Object<'_, Peers> {
    let now = report.origin.time;
    let content = Peers {
        peers: report.peers.iter().map(|row| PeerObject::new(row, now)).collect(),
        missing: report.missing.iter().map(MissingObject::new).collect(),
    };
    Object::new("ntpkit.peers.v1", &report.origin, content)
}

#[derive(Serialize)]
struct Associations {
    associations: Vec<AssociationObject>,
}

fn associations(report: &AssociationsReport) -> Object<'_, Associations> {
    let associations = report.associations.iter().map(AssociationObject::new).collect();
    Object::new("ntpkit.associations.v1", &report.origin, Associations { associations })
}

#[derive(Serialize)]
struct VariablesContent<'a> {
    association_id: u16,
    kind: &'static str,
    status: StatusObject,
    #[serde(flatten)]
    variables: Variables<'a>,
}

fn variables(report: &VariablesReport) -> Object<'_, VariablesContent<'_>> {
    let content = VariablesContent {
        association_id: report.association.0,
        kind: match report.status {
            StatusWord::System(_) => "system",
            StatusWord::Peer(_) => "peer",
            StatusWord::Clock(_) => "clock",
        },
        status: StatusObject::new(report.status),
        variables: Variables::new(&report.variables, report.origin.time),
    };
    Object::new(format!("ntpkit.{}.v1", report.name), &report.origin, content)
}

#[derive(Serialize)]
struct Failure<'a> {
    command: Option<&'static str>,
    association_id: Option<u16>,
    error: &'static str,
    code: Option<u8>,
    message: &'a str,
}

fn failure(report: &FailureReport) -> Object<'_, Failure<'_>> {
    let content = Failure {
        command: report.command,
        association_id: report.association.map(|id| id.0),
        error: report.fault.cause.name(),
        code: match report.fault.cause {
            FaultCause::Refused(code) => Some(code),
            _ => None,
        },
        message: &report.fault.message,
    };
    Object::new("ntpkit.error.v1", &report.origin, content)
}

/// A timestamp in both its forms.
#[derive(Serialize)]
struct TimeObject {
    time: Option<String>,
    raw: String,
}

impl TimeObject {
    fn new(stamp: NtpTimestamp, now: Timestamp) -> Self {
        Self { time: date(stamp, now), raw: format!("0x{:08x}.{:08x}", stamp.seconds(), stamp.fraction()) }
    }
}

/// The time in RFC 3339 format, unless the timestamp is unset.
fn date(stamp: NtpTimestamp, now: Timestamp) -> Option<String> {
    (!stamp.is_zero()).then(|| stamp.to_timestamp(now).to_string())
}

#[cfg(test)]
mod tests;
