//! Reports of daemons that do not speak mode 6, as variables with ntpd's names.
//!
//! Whatever a daemon does not report has no variable here.

use super::upstream;
use crate::model::{Peer, ReferenceId};
use crate::wire::chrony::{ServerStatistics, Tracking};
use crate::wire::ntpd_rs::Observation;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::timesyncd::Timesyncd;
use jiff::Timestamp;

/// The leap indicator of an unsynchronised clock (RFC 5905 figure 9).
const UNSYNCHRONIZED: u8 = 3;
/// The stratum of an unsynchronised clock.
const NO_STRATUM: u64 = 16;
/// Clock source in a system status word: NTP (RFC 9327 section 3.1).
const NTP_SOURCE: u16 = 6;

/// Names and values, in ntpd's format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(Vec<(&'static str, Vec<u8>)>);

impl Variables {
    /// System variables from chronyd's report; its statistics only if this client may read them.
    pub fn of_chronyd(tracking: &Tracking, statistics: Option<&ServerStatistics>) -> Self {
        let is_synchronized = tracking.leap < u16::from(UNSYNCHRONIZED);
        let mut variables = Self::default();
        if is_synchronized {
            variables.clock(u8::try_from(tracking.leap).unwrap_or(UNSYNCHRONIZED), tracking.stratum.into());
            variables.number("rootdelay", tracking.root_delay * 1000.0);
            variables.number("rootdisp", tracking.root_dispersion * 1000.0);
            variables.reference(&upstream(tracking.stratum.into(), tracking.reference_id));
            let nanoseconds = i32::try_from(tracking.reference_nanoseconds).unwrap_or(0);
            let time = tracking.reference_time.map(|seconds| Timestamp::new(seconds, nanoseconds));
            if let Some(Ok(time)) = time {
                variables.stamp("reftime", time.into());
            }
            variables.number("offset", tracking.correction * 1000.0);
            variables.number("frequency", tracking.frequency);
            variables.number("sys_jitter", tracking.rms_offset * 1000.0);
        } else {
            variables.clock(UNSYNCHRONIZED, NO_STRATUM);
        }
        if let Some(statistics) = statistics {
            variables.text("ss_received", statistics.received);
            variables.text("ss_limited", statistics.dropped);
        }
        variables
    }

    /// System variables from ntpd-rs' report.
    pub fn of_ntpd_rs(observation: &Observation) -> Self {
        let system = &observation.system;
        let leap = match system.leap_indicator.as_str() {
            "NoWarning" => 0,
            "Leap61" => 1,
            "Leap59" => 2,
            _ => UNSYNCHRONIZED,
        };
        let stratum = system.stratum.map_or(NO_STRATUM, u64::from);
        let mut variables = Self::default();
        if let Some(uptime) = observation.program.uptime() {
            variables.text("ss_uptime", uptime.as_secs());
        }
        if leap == UNSYNCHRONIZED || stratum >= NO_STRATUM {
            variables.clock(UNSYNCHRONIZED, NO_STRATUM);
            return variables;
        }
        variables.clock(leap, stratum);
        variables.number("rootdelay", system.root_delay * 1000.0);
        if let Some(dispersion) = observation.root_dispersion() {
            variables.number("rootdisp", dispersion * 1000.0);
        }
        variables.reference(&upstream(stratum, system.reference_id));
        variables
    }

    /// System variables from systemd-timesyncd's report. `is_synchronized`: according to its health.
    pub fn of_timesyncd(state: &Timesyncd, is_synchronized: bool) -> Self {
        let mut variables = Self::default();
        match state.message.as_ref().filter(|_| is_synchronized) {
            Some(message) => {
                let leap = u8::try_from(message.leap).unwrap_or(UNSYNCHRONIZED);
                variables.clock(leap, message.stratum.saturating_add(1));
            }
            None => variables.clock(UNSYNCHRONIZED, NO_STRATUM),
        }
        variables
    }

    /// The variables of a source.
    pub fn of_peer(peer: &Peer) -> Self {
        let mut variables = Self::default();
        if let Some(address) = &peer.source_address {
            variables.text("srcadr", address);
        }
        if let Some(name) = peer.source_host.as_deref().filter(|name| name.iter().all(|octet| fits(*octet))) {
            variables.0.push(("srchost", [b"\"", name, b"\""].concat()));
        }
        if let Some(stratum) = peer.stratum {
            variables.text("stratum", stratum);
        }
        if let Some(reference) = &peer.reference_id {
            variables.reference(reference);
        }
        if let Some(stamp) = peer.receive_time {
            variables.stamp("rec", stamp);
        }
        if let Some(reach) = peer.reach {
            variables.0.push(("reach", format!("{reach:#x}").into_bytes()));
        }
        let integers = [("hmode", peer.host_mode), ("hpoll", peer.host_poll), ("ppoll", peer.peer_poll)];
        for (name, value) in integers {
            if let Some(value) = value {
                variables.text(name, value);
            }
        }
        for (name, value) in [("delay", &peer.delay), ("offset", &peer.offset), ("jitter", &peer.jitter)] {
            if let Some(value) = value {
                variables.text(name, value.text());
            }
        }
        if let Some(mechanism) = peer.authentication.mechanism {
            variables.text("mechanism", mechanism.name());
        }
        for (name, value) in peer.authentication.numbers() {
            variables.text(name, value);
        }
        if let Some(cookies) = peer.nts_cookies {
            variables.text("ntscookies", cookies);
        }
        variables
    }

    /// Adds the source that the daemon follows.
    #[must_use]
    pub fn following(mut self, source: Option<&Peer>) -> Self {
        let Some(peer) = source else { return self };
        self.text("peer", peer.association.0);
        if let Some(address) = &peer.source_address {
            self.text("peeradr", address);
        }
        if let Some(mode) = peer.host_mode {
            self.text("peermode", mode);
        }
        self
    }

    /// The system status word that matches the variables (RFC 9327 section 3.1), without events.
    pub fn system_status(&self) -> u16 {
        let leap = self.0.iter().find(|(name, _)| *name == "leap").and_then(|(_, value)| value.first());
        let leap = u16::from(leap.map_or(UNSYNCHRONIZED, |digit| digit.wrapping_sub(b'0') & 3));
        let source = if leap == u16::from(UNSYNCHRONIZED) { 0 } else { NTP_SOURCE };
        leap << 14 | source << 8
    }

    /// Returns the data of a reply to a request for the variables listed in `names`: all if the list is empty, `None`
    /// if none of the names is known.
    pub fn reply(&self, names: &[u8]) -> Option<Vec<u8>> {
        let wanted: Vec<&[u8]> = names
            .split(|octet| *octet == b',')
            .map(|item| item.split(|octet| *octet == b'=').next().unwrap_or_default().trim_ascii())
            .filter(|name| !name.is_empty())
            .collect();
        let is_wanted = |name: &str| wanted.is_empty() || wanted.contains(&name.as_bytes());
        let items: Vec<Vec<u8>> = self
            .0
            .iter()
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, value)| [name.as_bytes(), b"=", value].concat())
            .collect();
        (wanted.is_empty() || !items.is_empty()).then(|| items.join(&b", "[..]))
    }

    fn clock(&mut self, leap: u8, stratum: u64) {
        self.text("leap", leap);
        self.text("stratum", stratum);
    }

    fn reference(&mut self, reference: &ReferenceId) {
        match reference {
            ReferenceId::Text(letters) if letters.iter().all(|octet| fits(*octet)) => {
                self.0.push(("refid", letters.clone()));
            }
            ReferenceId::Address(address) => self.text("refid", address),
            ReferenceId::Clock(clock) => self.text("refid", clock),
            ReferenceId::Text(_) | ReferenceId::Unreadable(_) => {}
        }
    }

    fn text(&mut self, name: &'static str, value: impl std::fmt::Display) {
        self.0.push((name, value.to_string().into_bytes()));
    }

    fn number(&mut self, name: &'static str, value: f64) {
        if value.is_finite() {
            // A value that rounds to zero has no sign.
            let rounded = (value * 1e6).round() / 1e6 + 0.0;
            self.text(name, format_args!("{rounded:.6}"));
        }
    }

    fn stamp(&mut self, name: &'static str, stamp: NtpTimestamp) {
        self.text(name, format_args!("{:#010x}.{:08x}", stamp.seconds(), stamp.fraction()));
    }
}

/// Whether a quoted value may contain this octet.
fn fits(octet: u8) -> bool {
    octet.is_ascii_graphic() && octet != b'"'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NetworkAddress;
    use crate::wire::AssociationId;
    use crate::wire::ntpd_rs::System;

    fn text(variables: &Variables, names: &str) -> Option<String> {
        variables.reply(names.as_bytes()).map(|data| String::from_utf8(data).unwrap())
    }

    #[test]
    fn chronyd_has_ntpds_names_and_signs() {
        let tracking = Tracking {
            reference_id: 0xc000_020b,
            stratum: 2,
            leap: 1,
            reference_time: Some(0),
            reference_nanoseconds: 500_000_000,
            correction: -0.001,
            frequency: -12.5,
            rms_offset: 1e-12,
            root_delay: 0.004,
            ..Tracking::default()
        };
        let statistics = ServerStatistics { received: 7, dropped: 1, ..ServerStatistics::default() };
        let variables = Variables::of_chronyd(&tracking, Some(&statistics));
        assert_eq!(
            text(&variables, "").unwrap(),
            "leap=1, stratum=2, rootdelay=4.000000, rootdisp=0.000000, refid=192.0.2.11, \
             reftime=0x83aa7e80.80000000, offset=-1.000000, frequency=-12.500000, sys_jitter=0.000000, \
             ss_received=7, ss_limited=1"
        );
        assert_eq!(variables.system_status(), 0x4600);
        assert_eq!(text(&variables, "stratum, ss_limited,peer"), Some("stratum=2, ss_limited=1".to_owned()));
        assert_eq!(text(&variables, "peer,ss_reset"), None);
        let peer = Peer { association: AssociationId(3), host_mode: Some(3), ..Peer::default() };
        assert_eq!(text(&variables.following(Some(&peer)), "peer,peermode").unwrap(), "peer=3, peermode=3");
    }

    #[test]
    fn an_unsynchronised_clock_has_no_figures() {
        let unsynchronized = Some("leap=3, stratum=16".to_owned());
        let chronyd = Variables::of_chronyd(&Tracking { leap: 3, ..Tracking::default() }, None);
        let ntpd_rs = Variables::of_ntpd_rs(&Observation::default());
        let timesyncd = Variables::of_timesyncd(&Timesyncd::default(), false);
        for variables in [chronyd, ntpd_rs, timesyncd] {
            assert_eq!(text(&variables, ""), unsynchronized);
            assert_eq!(variables.system_status(), 0xc000);
        }
        let system = System {
            stratum: Some(3),
            leap_indicator: "Leap59".into(),
            root_delay: 0.5,
            ..System::default()
        };
        let ntpd_rs = Variables::of_ntpd_rs(&Observation { system, ..Observation::default() });
        assert_eq!(text(&ntpd_rs, "").unwrap(), "leap=2, stratum=3, rootdelay=500.000000, refid=0.0.0.0");
    }

    #[test]
    fn a_source_cannot_forge_further_variables() {
        let peer = Peer {
            source_address: NetworkAddress::parse(b"192.0.2.1"),
            source_host: Some(b"a\", offset=\"1".to_vec()),
            reach: Some(0o377),
            ..Peer::default()
        };
        assert_eq!(text(&Variables::of_peer(&peer), "").unwrap(), "srcadr=192.0.2.1, reach=0xff");
        let peer = Peer { source_host: Some(b"time.example".to_vec()), ..Peer::default() };
        assert_eq!(text(&Variables::of_peer(&peer), "").unwrap(), "srchost=\"time.example\"");
    }
}
