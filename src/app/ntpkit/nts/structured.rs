//! The layers as JSON and as `OpenMetrics` text.

use super::layers::{Layers, Verdict};
use super::lengths::{Lengths, Means};
use crate::client::nts::date;
use crate::render::json::object_line;
use crate::render::openmetrics::exposition::{Exposition, Labels, gauge};
use crate::session::nts::association::AnswerFault;
use crate::session::nts::{Agreement, Certificate, Terms};
use serde_json::{Value, json};

/// One object following the schema `ntpkit.nts.v1`: times in seconds, `null` for missing values.
pub fn json(hosts: &[Layers<'_>], terms: &Terms, now: i64) -> String {
    let object = json!({
        "schema": "ntpkit.nts.v1",
        "time": date(now),
        "hosts": hosts.iter().map(|layers| host(layers, terms)).collect::<Vec<_>>(),
    });
    object_line(&object)
}

fn host(layers: &Layers<'_>, terms: &Terms) -> Value {
    let obtained = &layers.examined.obtained;
    let agreed = obtained.outcome.as_ref().ok();
    let failed = layers.failed();
    let addresses: Vec<String> = obtained.addresses.iter().map(|address| address.ip().to_string()).collect();
    json!({
        "host": layers.host,
        "ok": layers.verdict() != Verdict::Fail,
        "failed_layer": failed.map(|step| step.layer.word()),
        "reason": failed.map(|step| &step.text),
        "hint": failed.and_then(|step| step.hint.as_ref()),
        "layers": layers.steps.iter().map(|step| json!({
            "layer": step.layer.word(),
            "state": word(step.verdict),
            "text": step.text,
            "hint": step.hint,
        })).collect::<Vec<_>>(),
        "addresses": addresses,
        "key_exchange": {
            "address": obtained.address.map(|address| address.ip().to_string()),
            "port": obtained.address.map(|address| address.port()),
            "connect_s": obtained.connected_after.map(|span| span.as_secs_f64()),
            "duration_s": obtained.took.map(|span| span.as_secs_f64()),
        },
        "tls": agreed.map(|(agreement, _)| json!({
            "version": "1.3",
            "cipher_suite": agreement.handshake.cipher_suite,
            "group": agreement.handshake.group,
            "alpn": "ntske/1",
        })),
        "certificate": obtained.certificate.as_ref().map(|shown| certificate(shown, layers.days_left)),
        "aead": agreed.map(|(agreement, _)| aead(agreement, terms)),
        "cookies": agreed.map(|(agreement, _)| agreement.association.cookies().map(<[u8]>::len).collect::<Vec<_>>()),
        "server": agreed.map(|(agreement, server)| json!({
            "address": server.ip().to_string(),
            "port": server.port(),
            "name": agreement.server,
        })),
        "exchange": exchange(layers),
        "lengths": layers.examined.lengths.as_ref().map(lengths),
    })
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Warn => "warning",
        Verdict::Fail => "failed",
    }
}

fn certificate(shown: &Certificate, days_left: Option<i64>) -> Value {
    json!({
        "subject": shown.subject,
        "issuer": shown.issuer,
        "names": shown.names,
        "not_before": date(shown.validity.not_before),
        "not_after": date(shown.validity.not_after),
        "days_left": days_left,
    })
}

fn aead(agreement: &Agreement, terms: &Terms) -> Value {
    json!({
        "offered": terms.algorithms.iter().map(|aead| aead.number()).collect::<Vec<_>>(),
        "number": agreement.algorithm.number(),
        "name": agreement.algorithm.to_string(),
        "compliant_exporter": agreement.compliant,
    })
}

fn exchange(layers: &Layers<'_>) -> Value {
    let Some(asked) = &layers.examined.asked else { return Value::Null };
    let reply = layers.reply();
    let measured = layers.measured();
    json!({
        "sent": asked.probe.sent,
        "request_octets": asked.probe.request_octets,
        "answer_octets": reply.map(|reply| reply.octets),
        "authentic": reply.is_some(),
        "fault": asked.probe.fault.map(AnswerFault::word),
        "new_cookies": reply.map(|reply| reply.cookies),
        "stratum": reply.map(|reply| reply.packet.stratum),
        "offset_s": measured.map(|(offset, _)| offset),
        "delay_s": measured.map(|(_, delay)| delay),
        "plain_answered": layers.examined.plain.as_ref().map(|plain| plain.probe.reply.is_some()),
    })
}

fn lengths(lengths: &Lengths) -> Value {
    json!({
        "authenticated": lengths.means != Means::Extension,
        "lengthened_by": lengths.means.word(),
        "longest_answered": lengths.longest,
        "shortest_unanswered": lengths.search.map(|search| search.vanishes),
    })
}

/// The layers as `OpenMetrics` text.
pub fn openmetrics(hosts: &[Layers<'_>]) -> String {
    let mut exposition = Exposition::default();
    add(&mut exposition, hosts);
    exposition.finish()
}

/// Adds the samples of the layers.
pub fn add(exposition: &mut Exposition, hosts: &[Layers<'_>]) {
    let mut family = |text: &'static str, value: &dyn Fn(&Layers<'_>) -> Option<f64>| {
        for host in hosts {
            exposition.add_known(&gauge(text), &Labels::new("host", host.host.as_bytes()), value(host));
        }
    };
    let seconds = |span: Option<std::time::Duration>| span.map(|span| span.as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "dates have fewer digits than a double")]
    let date =
        |host: &Layers<'_>| Some(host.examined.obtained.certificate.as_ref()?.validity.not_after as f64);
    family("ntpkit_nts_success: Whether every layer works.", &|host| {
        Some(f64::from(u8::from(host.verdict() != Verdict::Fail)))
    });
    family(
        "ntpkit_nts_certificate_not_after_timestamp_seconds: When the certificate ends, in Unix time.",
        &date,
    );
    family("ntpkit_nts_connect_duration_seconds: How long the TCP connection took.", &|host| {
        seconds(host.examined.obtained.connected_after)
    });
    family("ntpkit_nts_key_exchange_duration_seconds: How long the key exchange took.", &|host| {
        seconds(host.examined.obtained.took)
    });
    let agreement = |host: &Layers<'_>| {
        host.examined.obtained.outcome.as_ref().ok().map(|(agreement, _)| agreement.clone())
    };
    family("ntpkit_nts_aead: The number of the AEAD algorithm.", &|host| {
        agreement(host).map(|agreement| f64::from(agreement.algorithm.number()))
    });
    family("ntpkit_nts_cookies: The cookies that the key exchange gave.", &|host| {
        agreement(host).map(|agreement| count(agreement.association.cookies().len()))
    });
    family("ntpkit_nts_cookie_bytes: The length of the longest cookie.", &|host| {
        agreement(host)
            .and_then(|agreement| agreement.association.cookies().map(<[u8]>::len).max())
            .map(count)
    });
    family("ntpkit_nts_request_bytes: The length of the request.", &|host| {
        host.examined.asked.as_ref().map(|asked| count(asked.probe.request_octets))
    });
    family("ntpkit_nts_answer_bytes: The length of the authentic answer.", &|host| {
        host.reply().map(|reply| count(reply.octets))
    });
    family("ntpkit_nts_stratum: The server's stratum.", &|host| {
        host.reply().map(|reply| f64::from(reply.packet.stratum))
    });
    family("ntpkit_nts_offset_seconds: The server's time minus this machine's.", &|host| {
        host.measured().map(|(offset, _)| offset)
    });
    family("ntpkit_nts_delay_seconds: The round trip.", &|host| host.measured().map(|(_, delay)| delay));
    let failed = gauge("ntpkit_nts_failed_layer: The first layer that does not work.");
    for host in hosts {
        if let Some(step) = host.failed() {
            let labels = Labels::new("host", host.host.as_bytes());
            exposition.add(&failed, &labels.with("layer", step.layer.to_string().as_bytes()), 1.0);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of packets")]
fn count(value: usize) -> f64 {
    value as f64
}
