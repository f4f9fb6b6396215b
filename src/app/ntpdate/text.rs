//! Text output of `ntpdate`: the lines of `-q` and the blocks of `-d`.

use super::numbers::{offset, seconds};
use super::verdict::Judged;
use crate::compat::{Dialect, Quirk};
use crate::render::classic::date::date;
use crate::wire::timestamp::NtpTimestamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::net::Ipv4Addr;

/// Filter slots, printed in two lines.
const SLOTS: usize = 8;

/// Printed in place of a figure that was not measured.
const UNMEASURED: &str = "-";

/// The line of `-q`.
pub fn line(server: &Judged, dialect: Dialect) -> String {
    format!(
        "server {}, stratum {}, offset {}, delay {}\n",
        server.name(),
        server.candidate.stratum,
        offset(server.candidate.offset, dialect),
        seconds(server.candidate.filtered.delay.into(), 5)
    )
}

/// The block of `-d`.
pub fn block(server: &Judged, slots: usize, now: Timestamp, zone: &TimeZone, dialect: Dialect) -> String {
    let candidate = &server.candidate;
    let shows_zeros = dialect.keeps(Quirk::ZEROS_FOR_LOST);
    let mut text = format!(
        "server {}, port {}\nstratum {}, precision {}, leap {:02b}, trust {:03o}\n",
        server.name(),
        server.asked.address.port(),
        candidate.stratum,
        candidate.precision,
        candidate.leap,
        candidate.trust
    );
    text += &format!(
        "refid [{}], root delay {}, root dispersion {}\n",
        reference_id(server),
        seconds(i64::from(candidate.root_delay), 6),
        seconds(i64::from(candidate.root_dispersion), 6)
    );
    if server.asked.sent != server.asked.exchanges.len() {
        text += &format!("transmitted {}, in filter {}\n", server.asked.sent, server.asked.exchanges.len());
    }
    for (label, stamp) in [
        ("reference time:     ", candidate.reference_timestamp),
        ("originate timestamp:", candidate.transmit_timestamp),
        ("transmit timestamp: ", server.asked.last_sent),
    ] {
        text += &format!("{label} {}\n", date(NtpTimestamp(stamp), now, zone));
    }
    if slots > 1 {
        let samples = |text: &dyn Fn(usize) -> String| {
            (0..SLOTS)
                .map(|slot| {
                    let value = if slot < slots { text(slot) } else { "----".into() };
                    let line = if slot == SLOTS / 2 { "\n              " } else { "" };
                    format!("{line} {value:<10.10}")
                })
                .collect::<String>()
        };
        let sample = |slot: usize| server.samples.get(slot).copied().unwrap_or_default();
        let figure = |slot: usize, text: String| {
            if sample(slot).is_lost() && !shows_zeros { UNMEASURED.to_owned() } else { text }
        };
        let delays = samples(&|slot| figure(slot, seconds(sample(slot).delay.into(), 5)));
        let offsets = samples(&|slot| figure(slot, offset(sample(slot).offset, dialect)));
        text += &format!("filter delay: {delays}\nfilter offset:{offsets}\n");
    }
    if !server.has_sample() && !shows_zeros {
        return text + &format!("delay {UNMEASURED}, dispersion {UNMEASURED}, offset {UNMEASURED}\n\n");
    }
    text + &format!(
        "delay {}, dispersion {}, offset {}\n\n",
        seconds(candidate.filtered.delay.into(), 5),
        seconds(candidate.filtered.dispersion, 5),
        offset(candidate.offset, dialect)
    )
}

/// The letters, if the stratum says that it is not an address. Unprintable characters are shown as dots.
pub fn reference_id(server: &Judged) -> String {
    let Some(reply) = &server.asked.reply else { return server.name() };
    if (2..16).contains(&reply.stratum) {
        return Ipv4Addr::from(reply.reference_id).to_string();
    }
    let letters = reply.reference_id.iter().take_while(|octet| **octet != 0);
    letters.map(|octet| if (b' '..=b'~').contains(octet) { char::from(*octet) } else { '.' }).collect()
}
