//! A run as JSON and as `OpenMetrics` text.

use super::FAILED;
use super::action::Action;
use super::args::NtpdateArgs;
use super::nts::Nts;
use super::set::Outcome;
use super::text;
use super::verdict::{Judged, Verdict};
use crate::cli::format::Format;
use crate::model::selection::Sample;
use crate::render::json::object_line;
use crate::render::openmetrics::exposition::{Exposition, Labels, gauge};
use crate::session::sntp::Fault;
use serde_json::{Value, json};

/// A complete run.
pub struct Run<'a> {
    /// The evaluation of the servers' answers.
    pub verdict: &'a Verdict,
    /// The servers queried with NTS; `None` before any was.
    pub nts: Option<&'a Nts>,
    /// What was done, or would be done.
    pub action: Option<Action>,
    /// The result of setting the clock; `None` if it was left alone.
    pub outcome: Option<&'a Outcome>,
    /// Whether the run was a dry run.
    pub dry: bool,
    /// The exit status.
    pub status: u8,
}

impl<'a> Run<'a> {
    /// A run that ended before any server was queried, with an empty verdict.
    pub fn failed(verdict: &'a Verdict) -> Self {
        Self { verdict, nts: None, action: None, outcome: None, dry: true, status: FAILED }
    }
}

/// The run in the requested structured format; empty for plain output.
pub fn report(args: &NtpdateArgs, run: &Run<'_>) -> String {
    match args.format.chosen() {
        Format::Plain | Format::Table | Format::Dot => String::new(),
        Format::Json => json(run),
        Format::Openmetrics => openmetrics(run),
    }
}

/// One object on a line, following the schema `ntpkit.ntpdate.v1`: times in seconds, `null` for missing values.
fn json(run: &Run<'_>) -> String {
    let chosen = run.verdict.chosen();
    let kernel = run.outcome.filter(|_| !run.dry).map(|outcome| {
        json!({
            "stepped": outcome.stepped,
            "slewing_s": outcome.slewing_microseconds.map(|microseconds| in_seconds(microseconds, 1e6)),
            "hardware_clock_set": outcome.hardware_clock_set,
        })
    });
    let object = json!({
        "schema": "ntpkit.ntpdate.v1",
        "servers": run.verdict.servers.iter().map(|judged| server(judged, run.nts)).collect::<Vec<_>>(),
        "nts_failures": run.nts.map_or(json!([]), Nts::failures_json),
        "chosen": chosen.map(Judged::name),
        "offset_s": chosen.map(|server| fixed(server.candidate.offset)),
        "no_majority": run.verdict.no_majority,
        "two_disagree": run.verdict.two_disagree,
        "action": run.action.map(word),
        "dry_run": run.dry,
        "kernel": kernel,
        "exit_status": run.status,
    });
    object_line(&object)
}

/// The run as `OpenMetrics` text.
fn openmetrics(run: &Run<'_>) -> String {
    let mut exposition = Exposition::default();
    let servers: Vec<(&Judged, Labels)> = (run.verdict.servers.iter().enumerate())
        .map(|(place, server)| {
            let labels = Labels::new("server", server.name().as_bytes());
            (server, labels.with("place", place.to_string().as_bytes()))
        })
        .collect();
    let mut family = |text: &'static str, value: &dyn Fn(&Judged) -> Option<f64>| {
        for (server, labels) in &servers {
            exposition.add_known(&gauge(text), labels, value(server));
        }
    };
    let answered = |server: &Judged| server.answered().then_some(());
    family("ntpkit_ntpdate_server_answered: Whether the server answered.", &|server| {
        Some(f64::from(u8::from(server.answered())))
    });
    family("ntpkit_ntpdate_server_fit: Whether the server was usable.", &|server| {
        Some(f64::from(u8::from(server.unfit.is_none())))
    });
    family("ntpkit_ntpdate_server_stratum: The server's stratum, 16 if it is not synchronised.", &|server| {
        answered(server).map(|()| f64::from(server.candidate.stratum))
    });
    let measured = |server: &Judged| server.has_sample().then_some(());
    family("ntpkit_ntpdate_server_offset_seconds: The server's time minus this machine's.", &|server| {
        measured(server).map(|()| fixed(server.candidate.offset))
    });
    family(
        "ntpkit_ntpdate_server_delay_seconds: The round-trip delay including the precision of both clocks.",
        &|server| measured(server).map(|()| short(server.candidate.filtered.delay.into())),
    );
    let chosen = run.verdict.chosen();
    exposition.add_known(
        &gauge("ntpkit_ntpdate_offset_seconds: The offset of the selected server."),
        &Labels::default(),
        chosen.map(|server| fixed(server.candidate.offset)),
    );
    exposition.add_alone(
        &gauge("ntpkit_ntpdate_success: Whether the run succeeded."),
        f64::from(u8::from(run.status == 0)),
    );
    exposition.finish()
}

fn server(server: &Judged, nts: Option<&Nts>) -> Value {
    let reply = server.asked.reply.as_ref();
    let samples: Vec<Value> = server
        .samples
        .iter()
        .map(|sample: &Sample| {
            if sample.is_lost() {
                return Value::Null;
            }
            json!({ "offset_s": fixed(sample.offset.into()), "delay_s": short(sample.delay.into()) })
        })
        .collect();
    let measured = server.has_sample();
    let filtered = server.candidate.filtered;
    json!({
        "address": server.name(),
        "port": server.asked.address.port(),
        "stratum": reply.map(|reply| reply.stratum),
        "leap": reply.map(|reply| reply.leap),
        "precision_log2_s": reply.map(|reply| reply.precision),
        "reference_id": reply.map(|_| text::reference_id(server)),
        "root_delay_s": reply.map(|reply| short(reply.root_delay.into())),
        "root_dispersion_s": reply.map(|reply| short(reply.root_dispersion.into())),
        "sent": server.asked.sent,
        "answers": server.asked.answers(),
        "samples": samples,
        "offset_s": measured.then(|| fixed(server.candidate.offset)),
        "delay_s": measured.then(|| short(filtered.delay.into())),
        "dispersion_s": measured.then(|| short(filtered.dispersion)),
        "authentic": server.asked.authentic(),
        "nts": nts.map(|nts| nts.json(server.asked.address)),
        "nts_fault": server.asked.nts_fault_word(),
        "unverified_answers": server.asked.unverified,
        "rate_limited": server.asked.rate_limited,
        "dropped": server.unfit.map(crate::model::selection::Unfit::word),
        "fault": server.asked.fault.map(fault),
    })
}

/// Why a request could not be delivered.
fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Refused => "refused",
        Fault::Unreachable(_) => "unreachable",
        Fault::Local(_) => "local",
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Step => "step",
        Action::Slew => "slew",
    }
}

/// Units of 2^-32 s in seconds, to the nanosecond.
fn fixed(value: i128) -> f64 {
    let nanoseconds = (value * 1_000_000_000) >> 32;
    in_seconds(i64::try_from(nanoseconds).unwrap_or(0), 1e9)
}

/// Units of 2^-16 s in seconds, to the microsecond.
fn short(value: i64) -> f64 {
    in_seconds((value.saturating_mul(1_000_000)) >> 16, 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this size have fewer digits than a double")]
fn in_seconds(value: i64, unit: f64) -> f64 {
    value as f64 / unit
}
