//! Lines for replies, and the summary.

use super::Nothing;
use crate::cli::format::Format;
use crate::client::diagnosis::Diagnosis;
use crate::compact;
use crate::model::fleet::Time;
use crate::render::json::object_line;
use crate::text::visible;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};

/// The most samples kept per host.
const MAX_SAMPLES: usize = 1 << 16;
/// The most columns in a plot.
const PLOT: usize = 60;
/// The bars of a plot, from low to high.
const BARS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

/// A sample from a reply.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The measurement.
    pub clock: Time,
    /// The server's stratum, 16 if it is not synchronised.
    pub stratum: u8,
    /// Its leap indicator.
    pub leap: u8,
    /// Its reference identifier.
    pub reference: [u8; 4],
}

/// A host and its replies so far.
#[derive(Clone, Debug)]
pub struct Pinged {
    /// As it was named.
    pub name: String,
    /// Its address.
    pub address: SocketAddr,
    /// Requests sent.
    pub sent: u32,
    /// Replies with a time.
    pub answered: u32,
    /// Whether it asked the client to stop.
    pub is_left_alone: bool,
    /// What its latest silence means.
    pub silence: Option<Diagnosis>,
    /// Whether the silence before it meant the same.
    pub is_silent_again: bool,
    offsets: Vec<f64>,
    delays: Vec<f64>,
}

impl Pinged {
    /// A host without replies.
    pub fn new(name: &str, address: SocketAddr) -> Self {
        let name = visible(name.as_bytes());
        Self {
            name,
            address,
            sent: 0,
            answered: 0,
            is_left_alone: false,
            silence: None,
            is_silent_again: false,
            offsets: Vec::new(),
            delays: Vec::new(),
        }
    }

    /// Records the result of a request.
    pub fn note(&mut self, sample: Option<&Sample>, is_left_alone: bool) {
        self.sent += 1;
        self.is_left_alone |= is_left_alone;
        let Some(sample) = sample else { return };
        self.answered += 1;
        if self.offsets.len() < MAX_SAMPLES {
            self.offsets.push(sample.clock.offset);
            self.delays.push(sample.clock.delay);
        }
    }

    fn lost(&self) -> f64 {
        let lost = self.sent.saturating_sub(self.answered);
        if self.sent == 0 { 0.0 } else { f64::from(lost) * 100.0 / f64::from(self.sent) }
    }
}

/// Minimum, median and maximum.
fn spread(values: &[f64]) -> Option<[f64; 3]> {
    let mut sorted = values.to_vec();
    compact::sort_by(&mut sorted, f64::total_cmp);
    let middle = sorted.len() / 2;
    let high = *sorted.get(middle)?;
    let low = if sorted.len().is_multiple_of(2) { *sorted.get(middle - 1)? } else { high };
    Some([*sorted.first()?, f64::midpoint(low, high), *sorted.last()?])
}

/// The root mean square of the differences between successive offsets.
fn jitter(offsets: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = offsets
        .windows(2)
        .map(|pair| pair.iter().rev().copied().reduce(|b, a| b - a).unwrap_or(0.0).powi(2))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
    (!squares.is_empty()).then(|| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt())
}

/// The letters of a primary server or a state, else an address.
fn reference(sample: &Sample) -> String {
    let letters: Vec<u8> = sample.reference.iter().copied().take_while(|octet| *octet != 0).collect();
    if !(2..16).contains(&sample.stratum) && letters.iter().all(u8::is_ascii_graphic) {
        visible(&letters)
    } else {
        Ipv4Addr::from(sample.reference).to_string()
    }
}

/// The line for the result of a request. `first` is the first host's offset in the same round.
pub fn line(
    host: &Pinged,
    round: u32,
    outcome: &Result<Sample, Nothing>,
    first: Option<f64>,
    format: Format,
) -> String {
    let sample = outcome.as_ref().ok();
    if format == Format::Json {
        let object = json!({
            "schema": "ntpkit.ping.v1",
            "time": crate::clock::now().to_string(),
            "host": host.name,
            "address": host.address.ip().to_string(),
            "port": host.address.port(),
            "round": round,
            "offset_s": sample.map(|sample| sample.clock.offset),
            "delay_s": sample.map(|sample| sample.clock.delay),
            "from_first_s": sample.and_then(|sample| Some(sample.clock.offset - first?)),
            "stratum": sample.map(|sample| sample.stratum),
            "leap": sample.map(|sample| sample.leap),
            "refid": sample.map(reference),
            "error": outcome.as_ref().err().map(ToString::to_string),
        });
        return object_line(&object);
    }
    match outcome {
        Ok(sample) => {
            let Time { offset, delay, .. } = sample.clock;
            let compared = first.map(|first| format!(", {:.6} from the first", offset - first));
            let state = if sample.stratum >= 16 || sample.leap == 3 { ", not synchronised" } else { "" };
            format!(
                "{}: {round}: offset {offset:.6}, delay {delay:.6}, stratum {}, refid {}{state}{}\n",
                host.name,
                sample.stratum,
                reference(sample),
                compared.unwrap_or_default()
            )
        }
        // Its possible reasons have been printed.
        Err(Nothing::Silent(Diagnosis::Nothing)) if host.is_silent_again => {
            format!("{}: {round}: no answer\n", host.name)
        }
        Err(nothing) => format!("{}: {round}: {nothing}\n", host.name),
    }
}

/// The summary of all replies.
pub fn summary(hosts: &[Pinged], format: Format, is_terminal: bool) -> String {
    let medians: Vec<f64> = hosts.iter().filter_map(|host| Some(spread(&host.offsets)?[1])).collect();
    let between = spread(&medians).filter(|_| medians.len() > 1).map(|[low, _, high]| high - low);
    if format == Format::Json {
        let hosts: Vec<Value> = hosts.iter().map(object).collect();
        let whole = json!({ "schema": "ntpkit.ping_summary.v1", "time": crate::clock::now().to_string(), "hosts": hosts, "spread_s": between });
        return object_line(&whole);
    }
    let mut text = String::new();
    for host in hosts {
        text += &format!(
            "--- {}: {} sent, {} answered, {:.0} % lost\n",
            host.name,
            host.sent,
            host.answered,
            host.lost()
        );
        for (name, values) in [("offset", &host.offsets), ("delay", &host.delays)] {
            if let Some([low, middle, high]) = spread(values) {
                text += &format!("    {name} min {low:.6}, median {middle:.6}, max {high:.6} s\n");
            }
        }
        if let Some(jitter) = jitter(&host.offsets) {
            text += &format!("    jitter {jitter:.6} s\n");
        }
        if is_terminal && host.offsets.len() > 1 {
            text += &format!("    {}\n", plot(&host.offsets));
        }
    }
    if let Some(between) = between {
        text += &format!("--- {between:.6} s between the medians of {} servers\n", medians.len());
    }
    text
}

fn object(host: &Pinged) -> Value {
    let figures = |values: &[f64]| {
        spread(values).map(|[low, middle, high]| json!({ "min": low, "median": middle, "max": high }))
    };
    json!({
        "host": host.name,
        "address": host.address.ip().to_string(),
        "port": host.address.port(),
        "sent": host.sent,
        "answered": host.answered,
        "lost_percent": host.lost(),
        "offset_s": figures(&host.offsets),
        "delay_s": figures(&host.delays),
        "jitter_s": jitter(&host.offsets),
    })
}

/// The latest offsets, one bar each, scaled from minimum to maximum.
fn plot(offsets: &[f64]) -> String {
    let last = offsets.get(offsets.len().saturating_sub(PLOT)..).unwrap_or(offsets);
    let Some([low, _, high]) = spread(last) else { return String::new() };
    let bar = |offset: &f64| {
        let share = if high > low { (offset - low) / (high - low) } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 7")]
        let place = (share * 7.0).round().clamp(0.0, 7.0) as usize;
        BARS.get(place).copied().unwrap_or(' ')
    };
    last.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_samples() {
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some([1.0, 2.0, 3.0]));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]), Some([1.0, 2.5, 4.0]));
        assert_eq!(spread(&[]), None);
        assert_eq!(jitter(&[1.0]), None);
        assert_eq!(jitter(&[0.0, 3.0, 0.0]), Some(3.0));
        assert_eq!(plot(&[0.0, 7.0, 3.0]), "\u{2581}\u{2588}\u{2584}");
        assert_eq!(plot(&[5.0, 5.0]), "\u{2585}\u{2585}");
    }
}
