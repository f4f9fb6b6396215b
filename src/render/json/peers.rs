//! Peers and associations as objects.

use super::TimeObject;
use crate::model::authentication::Mechanism;
use crate::model::report::{MissingPeer, PeerRow};
use crate::model::{Association, Milliseconds, NetworkAddress, ReferenceId, SourceAuthentication};
use crate::render::text;
use crate::text::unicode;
use crate::wire::status::PeerStatusWord;
use jiff::Timestamp;
use serde::Serialize;

/// The contents of a peer status word.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of the word")]
pub(super) struct PeerStatus {
    tally: char,
    selection: &'static str,
    configured: bool,
    authentication_enabled: bool,
    authentic: bool,
    reachable: bool,
    broadcast: bool,
    event: Option<&'static str>,
    event_count: u8,
}

impl PeerStatus {
    pub(super) fn new(status: PeerStatusWord) -> Self {
        let selection = status.selection();
        Self {
            tally: selection.tally(),
            selection: selection.name(),
            configured: status.is_configured(),
            authentication_enabled: status.is_authentication_enabled(),
            authentic: status.is_authentic(),
            reachable: status.is_reachable(),
            broadcast: status.is_broadcast(),
            event: Some(status.event_name()).filter(|name| !name.is_empty()),
            event_count: status.event_count(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct AssociationObject {
    index: usize,
    association_id: u16,
    status: String,
    #[serde(flatten)]
    decoded: PeerStatus,
}

impl AssociationObject {
    pub(super) fn new(association: &Association) -> Self {
        Self {
            index: association.index,
            association_id: association.id.0,
            status: word(association.status.0),
            decoded: PeerStatus::new(association.status),
        }
    }
}

#[derive(Serialize)]
pub(super) struct MissingObject {
    association_id: u16,
    error: &'static str,
    message: String,
}

impl MissingObject {
    pub(super) fn new(missing: &MissingPeer) -> Self {
        Self {
            association_id: missing.association.0,
            error: missing.fault.cause.name(),
            message: missing.fault.message.clone(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PeerObject {
    association_id: u16,
    name: String,
    address: Option<String>,
    port: Option<u16>,
    configured_name: Option<String>,
    local_address: Option<String>,
    reference_clock: Option<String>,
    status: String,
    #[serde(flatten)]
    decoded: PeerStatus,
    r#type: Option<&'static str>,
    refid: Option<ReferenceIdObject>,
    stratum: Option<u32>,
    host_mode: Option<i64>,
    when_s: Option<i64>,
    poll_s: Option<u32>,
    host_poll_log2s: Option<i64>,
    peer_poll_log2s: Option<i64>,
    reach: Option<u32>,
    reach_count: Option<u32>,
    delay_ms: Option<f64>,
    offset_ms: Option<f64>,
    jitter_ms: Option<f64>,
    dispersion_ms: Option<f64>,
    flash: Option<Vec<&'static str>>,
    flash_word: Option<u32>,
    received: Option<TimeObject>,
    reference_time: Option<TimeObject>,
    nts_cookies: Option<i64>,
    authentication: Option<AuthenticationObject>,
}

#[derive(Serialize)]
struct AuthenticationObject {
    mechanism: Option<&'static str>,
    key_id: Option<u32>,
    key_type: Option<u32>,
    key_bits: Option<u32>,
    key_age_s: Option<u32>,
    key_attempts: Option<u32>,
    nts_naks: Option<u32>,
    nts_cookie_length: Option<u32>,
}

impl AuthenticationObject {
    fn new(known: &SourceAuthentication) -> Option<Self> {
        (*known != SourceAuthentication::default()).then(|| Self {
            mechanism: known.mechanism.map(Mechanism::name),
            key_id: known.key_id,
            key_type: known.key_type,
            key_bits: known.key_bits,
            key_age_s: known.key_age,
            key_attempts: known.attempts,
            nts_naks: known.refusals,
            nts_cookie_length: known.cookie_length,
        })
    }
}

impl PeerObject {
    pub(super) fn new(row: &PeerRow, now: Timestamp) -> Self {
        let peer = &row.peer;
        let clock = peer.source_address.as_ref().and_then(NetworkAddress::reference_clock);
        Self {
            association_id: peer.association.0,
            name: unicode(&row.name),
            address: text::address(peer.source_address.as_ref()),
            port: peer.source_port,
            configured_name: peer.source_host.as_deref().map(unicode),
            local_address: text::address(peer.destination_address.as_ref()),
            reference_clock: clock.map(|clock| clock.to_string()),
            status: word(peer.status.0),
            decoded: PeerStatus::new(peer.status),
            r#type: text::association_type(peer),
            refid: peer.reference_id.as_ref().and_then(ReferenceIdObject::new),
            stratum: peer.stratum,
            host_mode: peer.host_mode,
            when_s: row.age_seconds(now),
            poll_s: row.poll_seconds(),
            host_poll_log2s: peer.host_poll,
            peer_poll_log2s: peer.peer_poll,
            reach: peer.reach,
            reach_count: row.reach_count(),
            delay_ms: number(peer.delay.as_ref()),
            offset_ms: number(peer.offset.as_ref()),
            jitter_ms: number(peer.jitter.as_ref()),
            dispersion_ms: number(peer.dispersion.as_ref()),
            flash: peer.flash.map(|flash| flash.names().collect()),
            flash_word: peer.flash.map(|flash| flash.0),
            received: peer.receive_time.map(|stamp| TimeObject::new(stamp, now)),
            reference_time: peer.reference_time.map(|stamp| TimeObject::new(stamp, now)),
            nts_cookies: peer.nts_cookies.filter(|&cookies| cookies >= 0),
            authentication: AuthenticationObject::new(&peer.authentication),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ReferenceIdObject {
    kind: &'static str,
    value: String,
}

impl ReferenceIdObject {
    pub(super) fn new(id: &ReferenceId) -> Option<Self> {
        text::reference_id(id).map(|(kind, value)| Self { kind, value: unicode(&value) })
    }
}

pub(super) fn word(word: u16) -> String {
    format!("0x{word:04x}")
}

fn number(milliseconds: Option<&Milliseconds>) -> Option<f64> {
    milliseconds.map(Milliseconds::value).filter(|value| value.is_finite())
}
