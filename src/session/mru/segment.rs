//! A part of the list that remains to be read: where it begins and where it ends.

use crate::wire::control::DATA_LIMIT;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use std::collections::VecDeque;
use std::net::{SocketAddr, SocketAddrV6};

/// How many of the newest rows a segment keeps to continue from.
const NEAREST: usize = 6;
/// Of the rows before these, one in this many is kept …
const STRIDE: usize = 24;
/// … up to this many.
const FARTHER: usize = 20;

/// What the daemon identifies a row by: its address with the port, and its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The address with the port and the zone.
    pub address: SocketAddr,
    /// When the address was last heard from.
    pub last: NtpTimestamp,
}

impl From<&MruEntry> for Mark {
    fn from(entry: &MruEntry) -> Self {
        let mut address = SocketAddr::new(entry.address, entry.port);
        if let SocketAddr::V6(ipv6) = &mut address {
            *ipv6 = SocketAddrV6::new(*ipv6.ip(), entry.port, 0, entry.scope);
        }
        Self { address, last: entry.last }
    }
}

/// The rows just before a position in the list: all of the nearest, and some farther back, because rows move whenever
/// the daemon hears from their addresses again.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    nearest: VecDeque<Mark>,
    farther: VecDeque<Mark>,
    passed: usize,
}

impl Tail {
    /// Moves one row on.
    pub fn push(&mut self, mark: Mark) {
        self.nearest.push_back(mark);
        if self.nearest.len() <= NEAREST {
            return;
        }
        let Some(passed) = self.nearest.pop_front() else { return };
        if self.passed.is_multiple_of(STRIDE) {
            self.farther.push_back(passed);
            if self.farther.len() > FARTHER {
                self.farther.pop_front();
            }
        }
        self.passed = self.passed.wrapping_add(1);
    }

    /// The newest row.
    pub fn newest(&self) -> Option<&Mark> {
        self.nearest.back().or_else(|| self.farther.back())
    }

    /// Whether no row is known here.
    pub fn is_empty(&self) -> bool {
        self.newest().is_none()
    }

    /// Drops the newest `count` rows; they have moved in the daemon's list.
    pub fn drop_newest(&mut self, count: usize) {
        for _ in 0..count {
            if self.nearest.pop_back().is_none() {
                self.farther.pop_back();
            }
        }
    }

    fn newest_first(&self) -> impl Iterator<Item = &Mark> {
        self.nearest.iter().rev().chain(self.farther.iter().rev())
    }

    /// Appends rows to a request as far as they fit, the newest first; returns those appended.
    pub fn append_to(&self, request: &mut String) -> Vec<Mark> {
        let mut priors = Vec::new();
        for (number, mark) in self.newest_first().enumerate() {
            let NtpTimestamp(last) = mark.last;
            let (seconds, fraction) = (last >> 32, last & 0xffff_ffff);
            let prior =
                format!(", addr.{number}={}, last.{number}=0x{seconds:08x}.{fraction:08x}", mark.address);
            if request.len() + prior.len() > DATA_LIMIT {
                break;
            }
            request.push_str(&prior);
            priors.push(*mark);
        }
        priors
    }
}

/// Where a segment begins if no row before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the oldest row.
    Oldest,
    /// With the oldest row heard from in this second of the daemon's clock or later.
    Since(u32),
}

/// Where a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the end of the list.
    End,
    /// Before this row, with which another segment begins.
    At(Mark),
    /// Before the first row of the segment with this number, which was to begin in this second.
    Pending(u32, u32),
}

/// Seconds of the daemon's clock from one to another; negative if the other is earlier. Seconds wrap with the era.
pub fn seconds_between(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// The earlier of two seconds of the daemon's clock.
pub fn earlier_second(one: u32, other: u32) -> u32 {
    if seconds_between(one, other) < 0 { other } else { one }
}

/// A part of the list that remains to be read.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its number.
    pub id: u32,
    /// The rows before it.
    pub tail: Tail,
    /// Where it begins, if there are none.
    pub start: Start,
    /// Where it ends.
    pub stop: Stop,
    /// The number of rows, if known: it is a hole that a lost fragment left.
    pub rows: Option<u32>,
    /// Cost of the replies since the last new row.
    pub stalls: u32,
    /// How often all rows to continue from had moved.
    pub restarts: u32,
    /// Seconds of the list that its last reply covered.
    pub stride: Option<f64>,
}

impl Segment {
    /// Creates the segment over the whole list.
    pub fn whole(id: u32) -> Self {
        Self {
            id,
            tail: Tail::default(),
            start: Start::Oldest,
            stop: Stop::End,
            rows: None,
            stalls: 0,
            restarts: 0,
            stride: None,
        }
    }

    /// The second of the daemon's clock that it has reached, if known.
    pub fn reached(&self) -> Option<u32> {
        match (self.tail.newest(), self.start) {
            (Some(mark), _) => Some(mark.last.seconds()),
            (None, Start::Since(second)) => Some(second),
            (None, Start::Oldest) => None,
        }
    }
}
