//! Samples from variables.

use super::exposition::{Exposition, FamiliesByVariable, Family, Labels, counter, gauge, info, state_set};
use super::peers;
use crate::model::ReferenceId;
use crate::model::report::VariablesReport;
use crate::model::variable::{Unit, Value, unit};
use crate::render::text;
use crate::wire::number::power_of_two;
use crate::wire::status::StatusWord;

const SYSTEM: Family = info("ntpkit_system: What the daemon is, and what it is synchronised to.");
const LEAP: Family = state_set("ntpkit_system_leap: The leap indicator.");
const LEAP_STATES: [&str; 4] = ["none", "add_second", "delete_second", "unsynchronised"];
const REFERENCE_TIME: Family =
    gauge("ntpkit_system_reference_timestamp_seconds: When the clock was last set, Unix time.");
const CLOCK: Family = info("ntpkit_clock: What the reference clock is.");

/// Variables of the daemon whose values are gauges.
const SYSTEM_GAUGES: FamiliesByVariable = FamiliesByVariable(
    gauge,
    "\
offset ntpkit_system_offset_seconds: Combined offset of the clock.
frequency ntpkit_system_frequency_ratio: Frequency correction of the clock.
sys_jitter ntpkit_system_jitter_seconds: Combined jitter.
clk_jitter ntpkit_system_clock_jitter_seconds: Jitter of the clock.
clk_wander ntpkit_system_clock_wander_ratio: Frequency wander of the clock.
stratum ntpkit_system_stratum: Stratum of the daemon; 16 if it is not synchronised.
rootdelay ntpkit_system_root_delay_seconds: Delay to the primary clock.
rootdisp ntpkit_system_root_dispersion_seconds: Dispersion to the primary clock.
precision ntpkit_system_precision_seconds: Precision of the clock.
tc ntpkit_system_time_constant_seconds: Time constant: the poll interval in use.
tai ntpkit_system_tai_offset_seconds: From UTC to TAI.
ss_uptime ntpkit_system_uptime_seconds: Time since the daemon started.
authreset ntpkit_authentication_reset_age_seconds: Time since the counters were reset.
authkeys ntpkit_authentication_keys: Keys stored.
authfreek ntpkit_authentication_free_keys: Room for further keys.
iostats_reset ntpkit_io_reset_age_seconds: Time since the counters were reset.
total_rbuf ntpkit_io_receive_buffers: Receive buffers.
free_rbuf ntpkit_io_free_receive_buffers: Receive buffers that are free.
used_rbuf ntpkit_io_used_receive_buffers: Receive buffers that are in use.
timerstats_reset ntpkit_timer_reset_age_seconds: Time since the counters were reset.
ss_reset ntpkit_system_reset_age_seconds: Time since the counters were reset.
bcastdelay ntpkit_system_broadcast_delay_seconds: Delay assumed of broadcasts.
authdelay ntpkit_system_authentication_delay_seconds: Delay of authentication.
mru_deepest ntpkit_system_mru_peak_entries: The most clients that were remembered.
mru_maxdepth ntpkit_system_mru_maximum_entries: The most clients that may be remembered.
mru_mindepth ntpkit_system_mru_minimum_entries: Clients that are remembered in any case.
mru_maxage ntpkit_system_mru_maximum_age_seconds: Older clients may be forgotten.
mru_mem ntpkit_system_mru_bytes: Memory of the list of clients.
mru_maxmem ntpkit_system_mru_maximum_bytes: The most memory of the list of clients.
ktimeconst ntpkit_kernel_time_constant_seconds: Time constant of the kernel's loop.
kprecis ntpkit_kernel_precision_seconds: Precision of the kernel's clock.
kfreqtol ntpkit_kernel_frequency_tolerance_ratio: The most that the frequency can be off.
kppsfreq ntpkit_kernel_pps_frequency_ratio: Frequency by the pulse per second.
kppsstab ntpkit_kernel_pps_stability_ratio: Stability by the pulse per second.
kppsjitter ntpkit_kernel_pps_jitter_seconds: Jitter of the pulse per second.
kppscalibdur ntpkit_kernel_pps_calibration_interval_seconds: Length of a calibration.
mru_depth ntpkit_system_mru_entries: Clients remembered.
koffset ntpkit_kernel_offset_seconds: Offset of the kernel's loop.
kfreq ntpkit_kernel_frequency_ratio: Frequency of the kernel's loop.
kmaxerr ntpkit_kernel_maximum_error_seconds: The kernel's maximum error.
kesterr ntpkit_kernel_estimated_error_seconds: The kernel's estimated error.",
);

/// Variables of the daemon whose values are counts since they were reset.
const SYSTEM_COUNTERS: FamiliesByVariable = FamiliesByVariable(counter, "\
ss_received ntpkit_system_received_packets: Packets received.
ss_thisver ntpkit_system_current_version_packets: Packets of the current version.
ss_oldver ntpkit_system_old_version_packets: Packets of older versions.
ss_badformat ntpkit_system_bad_format_packets: Packets of a bad length or format.
ss_badauth ntpkit_system_bad_authentication_packets: Packets that were not authentic.
ss_declined ntpkit_system_declined_packets: Packets declined.
ss_restricted ntpkit_system_restricted_packets: Packets that restrictions refused.
ss_limited ntpkit_system_rate_limited_packets: Packets that came too often.
ss_kodsent ntpkit_system_kiss_packets: Kiss-o'-death packets sent.
ss_processed ntpkit_system_processed_packets: Packets processed for time.
io_received ntpkit_io_received_packets: Packets received on all sockets.
io_sent ntpkit_io_sent_packets: Packets sent on all sockets.
io_sendfailed ntpkit_io_send_failures: Packets that could not be sent.
io_dropped ntpkit_io_dropped_packets: Packets dropped for want of buffers.
io_wakeups ntpkit_io_wakeups: Wake-ups by input.
io_goodwakeups ntpkit_io_useful_wakeups: Wake-ups that brought input.
rbuf_lowater ntpkit_io_low_water_refills: Refills of the receive buffers.
timer_overruns ntpkit_timer_overruns: Overruns of the interval timer.
timer_xmts ntpkit_timer_transmits: Calls to transmit.
authklookups ntpkit_authentication_key_lookups: Keys looked up.
authknotfound ntpkit_authentication_keys_not_found: Keys that were not there.
authkuncached ntpkit_authentication_uncached_keys: Keys that were not at hand.
authkexpired ntpkit_authentication_expired_keys: Keys that had expired.
authencrypts ntpkit_authentication_encryptions: Codes made.
authdecrypts ntpkit_authentication_decryptions: Codes checked.
kppscalibs ntpkit_kernel_pps_calibrations: Calibrations by the pulse per second.
kppscaliberrs ntpkit_kernel_pps_calibration_errors: Calibrations that failed.
kppsjitexc ntpkit_kernel_pps_jitter_excesses: Pulses with too much jitter.
kppsstbexc ntpkit_kernel_pps_stability_excesses: Calibrations with too much wander.
io_ignored ntpkit_io_ignored_packets: Packets ignored.
nts_client_send ntpkit_nts_client_requests: NTS requests sent as a client.
nts_client_recv_good ntpkit_nts_client_valid_responses: NTS responses received that were valid.
nts_client_recv_bad ntpkit_nts_client_invalid_responses: NTS responses received that were invalid.
nts_server_recv_good ntpkit_nts_server_valid_requests: NTS requests received that were valid.
nts_server_recv_bad ntpkit_nts_server_invalid_requests: NTS requests received that were invalid.
nts_server_send ntpkit_nts_server_responses: NTS responses sent as a server.
nts_cookie_make ntpkit_nts_cookies_made: Cookies made.
nts_cookie_not_server ntpkit_nts_cookies_without_server: Cookies received although NTS is not served.
nts_cookie_decode_total ntpkit_nts_cookies_received: Cookies received.
nts_cookie_decode ntpkit_nts_cookies_decoded: Cookies decoded with the current key.
nts_cookie_decode_old ntpkit_nts_cookies_decoded_with_old_key: Cookies decoded with the previous key.
nts_cookie_decode_old2 ntpkit_nts_cookies_decoded_with_second_old_key: Cookies decoded with the key before the previous one.
nts_cookie_decode_older ntpkit_nts_cookies_decoded_with_older_key: Cookies decoded with an older key.
nts_cookie_decode_too_old ntpkit_nts_cookies_too_old: Cookies whose key is gone.
nts_cookie_decode_error ntpkit_nts_cookies_invalid: Cookies that could not be decoded.
nts_ke_probes_good ntpkit_nts_client_key_exchanges: Key exchanges completed as a client.
nts_ke_probes_bad ntpkit_nts_client_key_exchange_failures: Key exchanges that failed as a client.
nts_ke_serves_good ntpkit_nts_server_key_exchanges: Key exchanges completed as a server.
nts_ke_serves_bad ntpkit_nts_server_key_exchange_failures: Key exchanges that failed as a server.
nts_ke_serves_nossl ntpkit_nts_server_connections_without_tls: Connections to the key exchange without TLS.");

/// Variables of an association beyond those of the billboards.
const PEER_GAUGES: FamiliesByVariable = FamiliesByVariable(
    gauge,
    "\
rootdelay ntpkit_peer_root_delay_seconds: The peer's delay to the primary clock.
rootdisp ntpkit_peer_root_dispersion_seconds: The peer's dispersion to the primary clock.
precision ntpkit_peer_precision_seconds: Precision of the peer's clock.
timereach ntpkit_peer_reachability_age_seconds: Time since the peer became reachable or unreachable.
timer ntpkit_peer_next_poll_seconds: Time until the next poll.
candidate ntpkit_peer_candidate_order: Place among the candidates.
unreach ntpkit_peer_unanswered_polls: Polls without an answer, in a row.",
);

/// Counts of an association.
const PEER_COUNTERS: FamiliesByVariable = FamiliesByVariable(
    counter,
    "\
sent ntpkit_peer_sent_packets: Packets sent to the peer.
received ntpkit_peer_received_packets: Packets received from the peer.
badauth ntpkit_peer_bad_authentication_packets: Packets that were not authentic.
bogusorg ntpkit_peer_bogus_origin_packets: Packets with a bogus origin timestamp.
selbroken ntpkit_peer_bad_reference_time_packets: Packets with a bad reference time.
seldisp ntpkit_peer_bad_dispersion_packets: Packets with a bad dispersion.
oldpkt ntpkit_peer_duplicate_packets: Duplicates of earlier packets.",
);

/// Variables of a reference clock.
const CLOCK_GAUGES: FamiliesByVariable = FamiliesByVariable(
    gauge,
    "\
stratum ntpkit_clock_stratum: Stratum that the clock claims.
fudgetime1 ntpkit_clock_fudge_time1_seconds: First fudge of the clock.
fudgetime2 ntpkit_clock_fudge_time2_seconds: Second fudge of the clock.",
);

/// Counts of a reference clock.
const CLOCK_COUNTERS: FamiliesByVariable = FamiliesByVariable(
    counter,
    "\
poll ntpkit_clock_polls: Polls of the clock.
noreply ntpkit_clock_missing_replies: Polls without a reply.
badformat ntpkit_clock_bad_format_replies: Replies of a bad format.
baddata ntpkit_clock_bad_data_replies: Replies with bad data.",
);

pub(super) fn variables(exposition: &mut Exposition, report: &VariablesReport, host: &Labels) {
    match report.status {
        StatusWord::System(_) => {
            add(exposition, report, SYSTEM_GAUGES, host);
            add(exposition, report, SYSTEM_COUNTERS, host);
            system(exposition, report, host);
        }
        StatusWord::Peer(_) => {
            let name = report.peer.as_ref().map(|row| row.name.as_slice());
            let labels = peers::labels(host, name, report.association);
            // Counters alone do not identify the peer.
            if let Some(row) = report.peer.as_ref().filter(|_| report.name == "variables") {
                peers::peer(exposition, row, report.origin.time, host);
            }
            add(exposition, report, PEER_GAUGES, &labels);
            add(exposition, report, PEER_COUNTERS, &labels);
        }
        StatusWord::Clock(_) => {
            let labels = peers::labels(host, None, report.association);
            add(exposition, report, CLOCK_GAUGES, &labels);
            add(exposition, report, CLOCK_COUNTERS, &labels);
            if let Some(device) = octets(report, "device") {
                let refid = octets(report, "refid");
                let identity = labels.with("device", &device).with_known("refid", refid.as_deref());
                exposition.add(&CLOCK, &identity, 1.0);
            }
        }
    }
}

fn system(exposition: &mut Exposition, report: &VariablesReport, host: &Labels) {
    if let Some(Value::Leap(leap)) = report.value("leap") {
        let present = LEAP_STATES.get(usize::from(*leap)).copied().unwrap_or_default();
        exposition.add_state(&LEAP, host, LEAP_STATES, present);
    }
    if let Some(Value::Time(stamp)) = report.value("reftime")
        && !stamp.is_zero()
    {
        let time = stamp.to_timestamp(report.origin.time);
        exposition.add(&REFERENCE_TIME, host, time.as_duration().as_secs_f64());
    }
    let names = ["version", "processor", "system", "refid", "peer"];
    let values: Vec<_> = names.iter().map(|name| (name, octets(report, name))).collect();
    if values.iter().any(|(_, value)| value.is_some()) {
        let labels = values.iter().fold(host.clone(), |labels, (name, value)| {
            let label = if **name == "peer" { "peer_association" } else { **name };
            labels.with_known(label, value.as_deref())
        });
        exposition.add(&SYSTEM, &labels, 1.0);
    }
}

fn add(exposition: &mut Exposition, report: &VariablesReport, rows: FamiliesByVariable, labels: &Labels) {
    for (name, family) in rows.iter() {
        let number = report.value(name).and_then(Value::number);
        if let Some(number) = number.and_then(|number| to_base_unit(name, number)) {
            exposition.add(&family, labels, number);
        }
    }
}

/// Converts the number to seconds or a ratio if the variable has a unit; `None` if it is not valid in that unit.
fn to_base_unit(name: &str, number: f64) -> Option<f64> {
    Some(match unit(name.as_bytes()) {
        Some(Unit::Milliseconds) => number / 1e3,
        Some(Unit::PartsPerMillion) => number / 1e6,
        Some(Unit::Log2Seconds) => power_of_two(whole(number)?),
        Some(Unit::Kibibytes) => number * 1024.0,
        Some(Unit::Seconds) | None => number,
    })
}

/// Converts an exponent: daemons report eight-bit integers (RFC 5905 section 7.3).
#[expect(clippy::cast_possible_truncation, reason = "it is within eight bits")]
fn whole(number: f64) -> Option<i32> {
    let exponent = number as i8;
    (f64::from(exponent) - number == 0.0).then(|| exponent.into())
}

/// Returns the value as text if it is an identifying one.
fn octets(report: &VariablesReport, name: &str) -> Option<Vec<u8>> {
    match report.value(name)? {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string().into_bytes()),
        Value::ReferenceId(id) => reference_id(id),
        _ => None,
    }
}

fn reference_id(id: &ReferenceId) -> Option<Vec<u8>> {
    text::reference_id(id).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_line_of_the_tables_is_a_variable_and_its_family() {
        let tables =
            [SYSTEM_GAUGES, SYSTEM_COUNTERS, PEER_GAUGES, PEER_COUNTERS, CLOCK_GAUGES, CLOCK_COUNTERS];
        for table in tables {
            assert_eq!(table.iter().count(), table.1.lines().count());
            let mut variables = BTreeSet::new();
            for (line, (variable, family)) in table.1.lines().zip(table.iter()) {
                assert!(variables.insert(variable), "twice: {line}");
                assert_eq!(line, format!("{variable} {}: {}", family.name(), family.help()));
                assert!(family.name().starts_with("ntpkit_") && family.help().ends_with('.'), "{line}");
            }
        }
    }
}
