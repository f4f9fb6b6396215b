//! The list of recent clients (operations 10 and 12) as 4.2.8p15 sends it: only with a nonce, the fields of each row
//! shuffled and mixed with decoys.

use super::reply::ReplyData;
use super::scenario::{Clients, Flavour};
use super::time::NtpTime;
use crate::wire::control::ErrorCode;
use crate::wire::mru;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// How long a nonce is valid, in seconds.
const NONCE_LIFE: f64 = 16.0;
/// The maximum number of fragments, or rows, per request; larger requests are refused.
const MAX_FRAGMENTS: u32 = 128;
const MAX_ROWS: u32 = 256;
/// Interval in seconds between new clients in the generated list.
const STEP: f64 = 0.05;

/// The list, oldest first.
#[derive(Clone, Debug)]
pub(super) struct ClientList {
    plan: Clients,
    rows: Vec<Row>,
    salt: u64,
    requests: u64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    address: SocketAddr,
    first: NtpTime,
    last: NtpTime,
    count: u32,
}

/// The recognised part of a request for rows.
#[derive(Debug, Default)]
struct Wish {
    nonce: String,
    fragments: u32,
    limit: u32,
    least_count: u32,
    longest_interval: u32,
    recent: u32,
    priors: Vec<(SocketAddr, u64)>,
}

impl ClientList {
    /// Builds the list at this moment; a restart changes the salt.
    pub(super) fn new(plan: Clients, salt: u64, now: NtpTime) -> Self {
        let rows = (0..plan.count)
            .map(|index| {
                let last = now.plus_seconds(-STEP * f64::from(plan.count - index) - 1.0);
                Row { address: address(index), first: last.plus_seconds(-64.5), last, count: 1 + index % 9 }
            })
            .collect();
        Self { plan, rows, salt, requests: 0 }
    }

    /// Answers a request for a nonce.
    pub(super) fn give_nonce(&self, source: SocketAddr, now: NtpTime) -> ReplyData {
        let mut reply = ReplyData::default();
        reply.item(format!("nonce={}", self.nonce(source, now)).as_bytes());
        reply
    }

    /// Answers a request for rows; `None` for a wrong nonce or a malformed request.
    pub(super) fn read(
        &mut self,
        data: &[u8],
        flavour: Flavour,
        source: SocketAddr,
        now: NtpTime,
    ) -> Option<Result<ReplyData, ErrorCode>> {
        let wish = Wish::read(data, flavour)?;
        if !self.is_good(&wish.nonce, source, now) {
            return None;
        }
        self.requests += 1;
        let most = self.plan.most_fragments.unwrap_or(MAX_FRAGMENTS);
        let no_limit = !(1..=MAX_ROWS).contains(&wish.limit);
        if wish.fragments > most || (wish.fragments == 0 || most == 0) && no_limit {
            return Some(Err(ErrorCode::BAD_VALUE));
        }
        let reply = self.rows_after(&wish, flavour, source, now);
        self.hear_of_some(now);
        Some(reply)
    }

    fn rows_after(
        &self,
        wish: &Wish,
        flavour: Flavour,
        source: SocketAddr,
        now: NtpTime,
    ) -> Result<ReplyData, ErrorCode> {
        let fragments = if wish.fragments == 0 { MAX_FRAGMENTS as usize } else { wish.fragments as usize };
        let limit = if wish.limit == 0 { u32::MAX } else { wish.limit };
        let mut reply = ReplyData::default();
        let mut at =
            self.rows.len().saturating_sub(if wish.recent == 0 { usize::MAX } else { wish.recent as usize });
        if !wish.priors.is_empty() {
            // The list is sorted by time.
            let found = wish.priors.iter().find_map(|(address, last)| {
                let place = self.rows.partition_point(|row| row.last.is_before(NtpTime(*last)));
                let row =
                    self.rows.get(place).filter(|row| row.address == *address && row.last.0 == *last)?;
                Some((place, row))
            });
            let Some((place, row)) = found else { return Err(ErrorCode::UNKNOWN_VARIABLE) };
            reply.item(format!("last.older={}", row.last).as_bytes());
            reply.item(format!("addr.older={}", row.address).as_bytes());
            at = place + usize::from(limit > 1);
        }
        reply.item(format!("nonce={}", self.nonce(source, now)).as_bytes());
        let mut sent = 0;
        let mut newest = None;
        while let Some(row) = self.rows.get(at).filter(|_| sent < limit && reply.fragments() < fragments) {
            at += 1;
            let interval = now.whole_seconds().wrapping_sub(row.last.whole_seconds());
            if row.count < wish.least_count || wish.longest_interval > 0 && interval > wish.longest_interval {
                continue;
            }
            self.append(row, sent, flavour, &mut reply);
            newest = Some(row.last);
            sent += 1;
        }
        if at >= self.rows.len() {
            reply.item(format!("now={now}").as_bytes());
            if let Some(newest) = newest {
                reply.item(format!("last.newest={newest}").as_bytes());
            }
        }
        Ok(reply)
    }

    fn append(&self, row: &Row, number: u32, flavour: Flavour, reply: &mut ReplyData) {
        let Row { address, first, last, count } = row;
        let mut fields = vec![
            format!("addr.{number}={address}"),
            format!("last.{number}={last}"),
            format!("first.{number}={first}"),
            format!("ct.{number}={count}"),
            format!("mv.{number}=35"),
            format!("rs.{number}=0x0"),
        ];
        if flavour == Flavour::Ntpsec {
            fields.extend([format!("sc.{number}=0.050"), format!("dr.{number}=0")]);
        }
        let luck = scramble(last.0 ^ self.requests);
        let places = fields.len();
        fields.rotate_left(usize::try_from(luck).unwrap_or(0) % places);
        if number.is_multiple_of(3) {
            let letter = char::from(b'a' + u8::try_from(luck >> 8 & 15).unwrap_or(0));
            fields.push(format!("{letter}ow.{number}={}", luck & 0xffff));
        }
        for field in fields {
            reply.item(field.as_bytes());
        }
    }

    /// Moves some of the addresses, heard again, to the end of the list.
    fn hear_of_some(&mut self, now: NtpTime) {
        for number in 0..self.plan.moving {
            let luck = scramble(self.requests << 16 | u64::from(number));
            if self.rows.is_empty() {
                return;
            }
            let mut row = self.rows.remove(usize::try_from(luck).unwrap_or(0) % self.rows.len());
            // No two packets arrive at the same moment, not even in simulated time.
            let newest = self.rows.last().map_or(now, |row| row.last);
            let latest = if now.is_before(newest) { newest } else { now };
            row.last = NtpTime(latest.0.wrapping_add(1));
            row.count += 1;
            self.rows.push(row);
        }
    }

    fn nonce(&self, source: SocketAddr, now: NtpTime) -> String {
        format!("{:016x}{:08x}", now.0, self.check(source, now) & 0xffff_ffff)
    }

    fn is_good(&self, nonce: &str, source: SocketAddr, now: NtpTime) -> bool {
        let Some(stamp) = nonce.get(..16).and_then(|stamp| u64::from_str_radix(stamp, 16).ok()) else {
            return false;
        };
        let made = NtpTime(stamp);
        (0.0..NONCE_LIFE).contains(&now.seconds_since(made)) && nonce == self.nonce(source, made)
    }

    /// Binds a nonce to the client's address and port and to this run of the daemon.
    fn check(&self, source: SocketAddr, made: NtpTime) -> u64 {
        let who = source.to_string().bytes().fold(0, |sum, octet| scramble(sum ^ u64::from(octet)));
        scramble(who ^ made.0 ^ self.salt)
    }
}

impl Wish {
    fn read(data: &[u8], flavour: Flavour) -> Option<Self> {
        let text = std::str::from_utf8(data).ok()?;
        let mut wish = Self::default();
        let mut addresses = HashMap::new();
        let mut stamps = HashMap::new();
        for item in text.split(',') {
            let Some((name, value)) = item.trim().split_once('=') else { continue };
            match name.split_once('.') {
                Some(("addr", number)) => {
                    addresses.insert(number, mru::socket_address(value.as_bytes())?);
                }
                Some(("last", number)) => {
                    stamps.insert(number, mru::timestamp(value.as_bytes())?);
                }
                _ => match name {
                    "nonce" => value.clone_into(&mut wish.nonce),
                    "frags" => wish.fragments = value.parse().ok()?,
                    "limit" => wish.limit = value.parse().ok()?,
                    "mincount" => wish.least_count = value.parse().ok()?,
                    "maxlstint" => wish.longest_interval = value.parse().ok()?,
                    "recent" if flavour == Flavour::Ntpsec => wish.recent = value.parse().ok()?,
                    _ => {}
                },
            }
        }
        for number in 0..addresses.len() {
            let number = number.to_string();
            let (address, stamp) = addresses.get(number.as_str()).zip(stamps.get(number.as_str()))?;
            wish.priors.push((*address, stamp.0));
        }
        Some(wish)
    }
}

/// The address in the row with this number.
fn address(index: u32) -> SocketAddr {
    let port = if index.is_multiple_of(4) { 123 } else { 1024 + u16::try_from(index % 50_000).unwrap_or(0) };
    if index % 5 == 4 {
        let ip = std::net::Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(index));
        SocketAddrV6::new(ip, port, 0, 0).into()
    } else {
        SocketAddrV4::new(Ipv4Addr::from_bits(0x0a00_0001 + index), port).into()
    }
}

/// Scrambles a number.
fn scramble(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ mixed >> 29
}
