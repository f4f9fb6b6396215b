//! The texts of `ntpdate`: numbers, the lines of `-q`, the blocks of `-d`.

use super::verdict::Judged;
use crate::compat::{Dialect, Quirk};
use crate::render::classic::date::date;
use crate::wire::timestamp::NtpTimestamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::net::{Ipv4Addr, SocketAddr};

/// Slots of the filter, in two lines.
const SLOTS: usize = 8;

/// In place of a figure that was not measured.
const UNMEASURED: &str = "-";

/// An offset in 2^-32 s as seconds with six decimals; only the classic writes a plus.
pub fn offset(value: impl Into<i128>, dialect: Dialect) -> String {
    let value: i128 = value.into();
    let millionths = (value.unsigned_abs().saturating_mul(1_000_000) + (1 << 31)) >> 32;
    let sign = match (value < 0, dialect.keeps(Quirk::SIGNED_OFFSETS)) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    };
    format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// A number of 2^-16 s as seconds with this many decimals.
pub fn seconds(value: i64, decimals: u32) -> String {
    let scale = 10_u128.pow(decimals);
    let parts = (u128::from(value.unsigned_abs()) * scale + (1 << 15)) >> 16;
    let sign = if value < 0 { "-" } else { "" };
    let width = usize::try_from(decimals).unwrap_or(0);
    format!("{sign}{}.{:0width$}", parts / scale, parts % scale)
}

/// An address without its port, an IPv6 zone as a number.
pub fn address(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(ipv6) if ipv6.scope_id() != 0 => format!("{}%{}", ipv6.ip(), ipv6.scope_id()),
        _ => address.ip().to_string(),
    }
}

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

/// Letters, where the stratum says that it is no address. What cannot be printed is a point.
pub fn reference_id(server: &Judged) -> String {
    let Some(reply) = &server.asked.reply else { return server.name() };
    if (2..16).contains(&reply.stratum) {
        return Ipv4Addr::from(reply.reference_id).to_string();
    }
    let letters = reply.reference_id.iter().take_while(|octet| **octet != 0);
    letters.map(|octet| if (b' '..=b'~').contains(octet) { char::from(*octet) } else { '.' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_rounded_by_their_size() {
        assert_eq!(offset(0, Dialect::Classic), "+0.000000");
        assert_eq!(offset(-1, Dialect::Classic), "-0.000000");
        assert_eq!(offset(1_i64 << 31, Dialect::Unsigned), "0.500000");
        assert_eq!(offset(-(1000_i64 << 32) - (1 << 31), Dialect::Unsigned), "-1000.500000");
        assert_eq!(offset(i64::MIN, Dialect::Classic), "-2147483648.000000");
        // 0.0000005 s and a little: half is rounded away from zero.
        assert_eq!(offset(2148, Dialect::Classic), "+0.000001");
        assert_eq!(offset(2147, Dialect::Classic), "+0.000000");
    }

    #[test]
    fn short_numbers_have_their_decimals() {
        assert_eq!(seconds(1679, 5), "0.02562");
        assert_eq!(seconds(64 << 16, 5), "64.00000");
        assert_eq!(seconds(65_535, 5), "0.99998");
        assert_eq!(seconds(4660, 6), "0.071106");
    }
}
