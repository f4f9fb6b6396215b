//! The layers of one host: which work, their figures, and what the first failure calls for.

use super::Examined;
use super::lengths::Lengths;
use crate::cli::output::reason;
use crate::client::nts::{advice, date};
use crate::model::selection::exchange;
use crate::session::nts::association::AnswerFault;
use crate::session::nts::probe::Reply;
use crate::session::nts::{Agreement, Certificate, Layer, Terms};
use crate::text::visible;
use crate::wire::packet::TimePacket;
use std::net::SocketAddr;
use std::time::Duration;

const DAY: i64 = 86_400;

/// The verdict on a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It works, but not for long or not as it should.
    Warn,
    /// It does not work.
    Fail,
}

/// Thresholds for the remaining days of a certificate.
#[derive(Clone, Copy, Debug)]
pub struct DaysLeft {
    /// A warning below this.
    pub warning: u32,
    /// A failure below this, if set.
    pub failure: Option<u32>,
}

/// The result for one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The layer.
    pub layer: Layer,
    /// Whether it works.
    pub verdict: Verdict,
    /// Its figures, or what is wrong, without control characters.
    pub text: String,
    /// What would fix it.
    pub hint: Option<String>,
}

/// All results for a host.
pub struct Layers<'a> {
    /// The host as it was named.
    pub host: String,
    /// The layers up to the first that failed.
    pub steps: Vec<Step>,
    /// The exchanges with the host.
    pub examined: &'a Examined,
    /// Whole days until the certificate expires; negative after that.
    pub days_left: Option<i64>,
}

impl<'a> Layers<'a> {
    /// Evaluates what was found out about a host at this Unix time.
    pub fn of(examined: &'a Examined, terms: &Terms, now: i64, days: DaysLeft) -> Self {
        let obtained = &examined.obtained;
        let days_left =
            obtained.certificate.as_ref().map(|shown| (shown.validity.not_after - now).div_euclid(DAY));
        let mut layers = Self { host: obtained.host.to_string(), steps: Vec::new(), examined, days_left };
        let failed = obtained.outcome.as_ref().err();
        let reached = |layer: Layer| failed.is_none_or(|failure| failure.layer() > layer);
        if reached(Layer::Name) {
            layers.ok(Layer::Name, &listed(&obtained.addresses));
        }
        if let (true, Some(address), Some(after)) =
            (reached(Layer::Connection), obtained.address, obtained.connected_after)
        {
            layers.ok(Layer::Connection, &format!("{address} in {}", milliseconds(after)));
        }
        let agreement = obtained.outcome.as_ref().ok().map(|(agreement, _)| agreement);
        if reached(Layer::Tls) {
            layers.ok(
                Layer::Tls,
                &agreement.map_or_else(
                    || "TLS 1.3".to_owned(),
                    |agreement| {
                        let took = obtained
                            .took
                            .map_or(String::new(), |took| format!(", total {}", milliseconds(took)));
                        format!(
                            "TLS 1.3, {}, {}{took}",
                            agreement.handshake.cipher_suite, agreement.handshake.group
                        )
                    },
                ),
            );
        }
        if reached(Layer::Certificate)
            && let Some(shown) = &obtained.certificate
        {
            layers.certificate(shown, agreement, days);
        }
        if reached(Layer::Alpn) {
            layers.ok(Layer::Alpn, "ntske/1");
        }
        if let Some(agreement) = agreement {
            layers.agreement(agreement, terms);
        }
        match &obtained.outcome {
            Ok((agreement, server)) => {
                layers.server(agreement, *server);
                layers.exchange(agreement);
            }
            Err(failure) => {
                let (text, hint) = advice(failure, terms);
                layers.push(failure.layer(), Verdict::Fail, &text, Some(hint.to_owned()));
            }
        }
        layers
    }

    /// The worst verdict.
    pub fn verdict(&self) -> Verdict {
        self.steps.iter().map(|step| step.verdict).max().unwrap_or(Verdict::Fail)
    }

    /// The first layer that failed.
    pub fn failed(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.verdict == Verdict::Fail)
    }

    /// The reply, if there was an authentic one.
    pub fn reply(&self) -> Option<&Reply> {
        self.examined.asked.as_ref()?.probe.reply.as_ref()
    }

    /// The offset and delay in seconds, if there was an authentic reply from a synchronised server.
    pub fn measured(&self) -> Option<(f64, f64)> {
        let reply = self.reply().filter(|reply| is_synchronized(&reply.packet))?;
        let (receive, transmit) = (reply.packet.receive_timestamp, reply.packet.transmit_timestamp);
        let (delay, offset) = exchange(reply.sent, receive, transmit, reply.arrived);
        #[expect(clippy::cast_precision_loss, reason = "fractions of a second that matter are kept")]
        let offset = offset as f64 / 4_294_967_296.0;
        Some((offset, f64::from(delay) / 65_536.0))
    }

    fn push(&mut self, layer: Layer, verdict: Verdict, text: &str, hint: Option<String>) {
        self.steps.push(Step { layer, verdict, text: visible(text.as_bytes()), hint });
    }

    fn ok(&mut self, layer: Layer, text: &str) {
        self.push(layer, Verdict::Ok, text, None);
    }

    fn certificate(&mut self, shown: &Certificate, agreement: Option<&Agreement>, left: DaysLeft) {
        let days = self.days_left.unwrap_or(0);
        let end = date(shown.validity.not_after);
        let text = format!("{}, signed by {}: {days} days left, until {end}", shown.subject, shown.issuer);
        if agreement.is_some_and(|agreement| agreement.clock_disbelieved) {
            let hint = "it is not valid at this machine's time, which --nts-trust-time ignores";
            return self.push(Layer::Certificate, Verdict::Warn, &text, Some(hint.to_owned()));
        }
        let verdict = match () {
            () if left.failure.is_some_and(|least| days < i64::from(least)) => Verdict::Fail,
            () if days < i64::from(left.warning) => Verdict::Warn,
            () => Verdict::Ok,
        };
        let hint = "renew it: NTS clients lose their time source when it expires";
        self.push(Layer::Certificate, verdict, &text, (verdict != Verdict::Ok).then(|| hint.to_owned()));
    }

    fn agreement(&mut self, agreement: &Agreement, terms: &Terms) {
        let warnings = agreement.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if !warnings.is_empty() {
            self.push(Layer::Records, Verdict::Warn, &format!("the server warns: {warnings}"), None);
        }
        let offered: Vec<String> = terms.algorithms.iter().map(|aead| aead.number().to_string()).collect();
        let algorithm = agreement.algorithm;
        self.ok(
            Layer::Algorithm,
            &format!("{algorithm} ({}) of {} offered", algorithm.number(), offered.join(", ")),
        );
        let lengths: Vec<usize> = agreement.association.cookies().map(<[u8]>::len).collect();
        let (count, longest) = (lengths.len(), lengths.iter().max().copied().unwrap_or(0));
        let even = lengths.iter().all(|length| *length == longest);
        let size = if even { "of" } else { "of up to" };
        let verdict = if count < 8 { Verdict::Warn } else { Verdict::Ok };
        let hint =
            "RFC 8915 section 4.1.6 recommends eight: with fewer, a few lost packets cost a new key exchange";
        self.push(
            Layer::Cookies,
            verdict,
            &format!("{count} {size} {longest} octets"),
            (verdict == Verdict::Warn).then(|| hint.to_owned()),
        );
    }

    fn server(&mut self, agreement: &Agreement, server: SocketAddr) {
        let text = match &agreement.server {
            Some(name) => format!("{server}, named {name} by the key exchange"),
            None => format!("{server}"),
        };
        self.ok(Layer::Server, &text);
    }

    fn exchange(&mut self, agreement: &Agreement) {
        let Some(asked) = &self.examined.asked else { return };
        let probe = &asked.probe;
        let request = format!("request of {} octets", probe.request_octets);
        let Some(reply) = probe.reply else {
            let (text, hint) = match (probe.fault, &asked.error) {
                (Some(fault), _) => {
                    (format!("{request}: the answer is rejected: {fault}"), Some(about_answer(fault)))
                }
                (None, Some(error)) => (
                    format!("{request}: {}", reason(error)),
                    Some(
                        "no NTP server listens on this UDP port, or a firewall rejects the packets"
                            .to_owned(),
                    ),
                ),
                (None, None) => (
                    format!("{request}: no answer to {} of {0}", probe.sent),
                    Some(self.about_silence(agreement)),
                ),
            };
            return self.push(Layer::Exchange, Verdict::Fail, &text, hint);
        };
        let text = format!(
            "{request}, authentic answer of {} with {} new cookies, stratum {}",
            reply.octets, reply.cookies, reply.packet.stratum
        );
        if !is_synchronized(&reply.packet) {
            let hint = "it serves NTS but has no time to offer: check its own sources";
            let text = format!("{text}: the server is not synchronised");
            return self.push(Layer::Exchange, Verdict::Fail, &text, Some(hint.to_owned()));
        }
        if let Some(validity) = agreement.validity.filter(|_| agreement.clock_disbelieved) {
            let time = unix_seconds(&reply);
            if !validity.contains(time) {
                let text = format!("{text}: its time, {}, is outside the certificate's validity", date(time));
                let hint = "the server's clock or its certificate is wrong: do not trust it";
                return self.push(Layer::Exchange, Verdict::Fail, &text, Some(hint.to_owned()));
            }
        }
        let lost = probe.sent.saturating_sub(1);
        let hint = (lost > 0).then(|| format!("{lost} earlier requests were not answered"));
        let verdict = if lost > 0 { Verdict::Warn } else { Verdict::Ok };
        let (offset, delay) = self.measured().unwrap_or_default();
        let text = format!("{text}, offset {offset:.6} s, delay {delay:.6} s");
        self.push(Layer::Exchange, verdict, &text, hint);
    }

    /// What to do when the keys exist but no packet comes back.
    fn about_silence(&self, agreement: &Agreement) -> String {
        let plain = self.examined.plain.as_ref().is_some_and(|plain| plain.probe.reply.is_some());
        let length = self.examined.asked.as_ref().map_or(0, |asked| asked.probe.request_octets);
        if !plain {
            return "plain NTP is not answered either: a firewall blocks UDP, or there is no NTP server"
                .to_owned();
        }
        if let Some(Lengths { search: Some(search), .. }) = &self.examined.lengths {
            return format!(
                "requests of up to {} octets are answered, of {} not: something on the path drops longer UDP packets; \
                 shorter cookies may pass: use a server with AEAD 30",
                search.passes, search.vanishes
            );
        }
        let shorter =
            if agreement.algorithm.number() == 15 { "; --aead 30 makes requests shorter" } else { "" };
        format!(
            "plain NTP of 48 octets is answered, NTS of {length} is not: something on the path drops longer UDP packets, or the NTP \
             server there does not know NTS (--lengths tells them apart{shorter})"
        )
    }
}

/// Whether the server has the time.
fn is_synchronized(packet: &TimePacket) -> bool {
    packet.leap != 3 && (1..16).contains(&packet.stratum)
}

/// The Unix time at which a reply was sent, in the era closest to this machine's time.
fn unix_seconds(reply: &Reply) -> i64 {
    use crate::wire::timestamp::NtpTimestamp;
    let here = crate::clock::now().as_second();
    NtpTimestamp(reply.packet.transmit_timestamp).unix_seconds(here)
}

fn about_answer(fault: AnswerFault) -> String {
    match fault {
        AnswerFault::Nak => {
            "its NTP server does not know the keys of its key exchange: do both use the same key file, or is the key \
             exchange another machine's?"
        }
        AnswerFault::NoAuthenticator | AnswerFault::NoIdentifier => {
            "the NTP server does not support NTS, or something on the path removes the extension fields"
        }
        AnswerFault::Malformed | AnswerFault::NotAuthentic | AnswerFault::OtherIdentifier => {
            "something on the path modifies or forges packets, or the two sides have different keys"
        }
    }
    .to_owned()
}

fn listed(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ")
}

fn milliseconds(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}
