//! Samples about peers and associations.

use super::exposition::{Exposition, Family, Labels, gauge, info, state_set};
use crate::model::report::{AssociationsReport, PeerRow, PeersReport};
use crate::model::{Association, Milliseconds};
use crate::render::text;
use crate::wire::AssociationId;
use crate::wire::status::{PeerStatusWord, Selection};
use jiff::Timestamp;

const INFO: Family = info("ntpkit_peer: Who the peer is.");
const SELECTION: Family = state_set("ntpkit_peer_selection: What the selection algorithms made of the peer.");
const REACHABLE: Family = gauge("ntpkit_peer_reachable: Whether the peer answered lately.");
const STRATUM: Family = gauge("ntpkit_peer_stratum: Stratum of the peer.");
const REACH: Family = gauge("ntpkit_peer_reach: How many of the last eight polls were answered.");
const OFFSET: Family = gauge("ntpkit_peer_offset_seconds: The peer's clock against the daemon's.");
const DELAY: Family = gauge("ntpkit_peer_delay_seconds: Round-trip delay to the peer.");
const JITTER: Family = gauge("ntpkit_peer_jitter_seconds: Jitter of the peer's offsets.");
const DISPERSION: Family = gauge("ntpkit_peer_dispersion_seconds: Dispersion of the peer's offset.");
const POLL_INTERVAL: Family = gauge("ntpkit_peer_poll_interval_seconds: Time between polls.");
pub(super) const AGE: Family = gauge("ntpkit_peer_age_seconds: Time since the peer was last heard of.");

const ASSOCIATION_SELECTION: Family =
    state_set("ntpkit_association_selection: What the selection algorithms made of the association's peer.");
const ASSOCIATION_REACHABLE: Family =
    gauge("ntpkit_association_reachable: Whether the association's peer answered lately.");
const ASSOCIATION_CONFIGURED: Family =
    gauge("ntpkit_association_configured: Whether the association is configured.");
const ASSOCIATION_AUTHENTIC: Family =
    gauge("ntpkit_association_authentic: Whether the latest packet was authentic, where that is demanded.");
const ASSOCIATION_EVENTS: Family =
    gauge("ntpkit_association_events: Events since the status was last read, 15 at most.");

pub(super) fn peers(exposition: &mut Exposition, report: &PeersReport, host: &Labels) {
    for row in &report.peers {
        peer(exposition, row, report.origin.time, host);
    }
}

/// The labels of a peer.
pub(super) fn labels(host: &Labels, name: Option<&[u8]>, association: AssociationId) -> Labels {
    host.with_known("peer", name).with("association", association.to_string().as_bytes())
}

pub(super) fn peer(exposition: &mut Exposition, row: &PeerRow, now: Timestamp, host: &Labels) {
    let peer = &row.peer;
    let labels = labels(host, Some(&row.name), peer.association);
    let address = text::address(peer.source_address.as_ref());
    let local = text::address(peer.destination_address.as_ref());
    let refid = peer.reference_id.as_ref().and_then(text::reference_id).map(|(_, value)| value);
    let identity = labels
        .with_known("address", address.as_deref().map(str::as_bytes))
        .with_known("local_address", local.as_deref().map(str::as_bytes))
        .with_known("refid", refid.as_deref())
        .with_known("type", text::association_type(peer).map(str::as_bytes));
    if address.is_some() {
        exposition.add(&INFO, &identity, 1.0);
    }
    selection(exposition, &SELECTION, &labels, peer.status);
    exposition.add(&REACHABLE, &labels, flag(peer.status.is_reachable()));
    exposition.add_known(&STRATUM, &labels, peer.stratum.map(f64::from));
    exposition.add_known(&REACH, &labels, row.reach_count().map(f64::from));
    exposition.add_known(&OFFSET, &labels, seconds(peer.offset.as_ref()));
    exposition.add_known(&DELAY, &labels, seconds(peer.delay.as_ref()));
    exposition.add_known(&JITTER, &labels, seconds(peer.jitter.as_ref()));
    exposition.add_known(&DISPERSION, &labels, seconds(peer.dispersion.as_ref()));
    exposition.add_known(&POLL_INTERVAL, &labels, row.poll_seconds().map(f64::from));
    #[expect(clippy::cast_precision_loss, reason = "ages are below 2^32")]
    exposition.add_known(&AGE, &labels, row.age_seconds(now).map(|age| age as f64));
}

pub(super) fn associations(exposition: &mut Exposition, report: &AssociationsReport, host: &Labels) {
    for Association { id, status, .. } in &report.associations {
        let labels = labels(host, None, *id);
        selection(exposition, &ASSOCIATION_SELECTION, &labels, *status);
        exposition.add(&ASSOCIATION_REACHABLE, &labels, flag(status.is_reachable()));
        exposition.add(&ASSOCIATION_CONFIGURED, &labels, flag(status.is_configured()));
        exposition.add(&ASSOCIATION_EVENTS, &labels, status.event_count().into());
        let demanded = status.is_authentication_enabled();
        exposition.add_known(&ASSOCIATION_AUTHENTIC, &labels, demanded.then(|| flag(status.is_authentic())));
    }
}

fn selection(exposition: &mut Exposition, family: &Family, labels: &Labels, status: PeerStatusWord) {
    exposition.add_state(family, labels, Selection::ALL.map(Selection::name), status.selection().name());
}

fn seconds(milliseconds: Option<&Milliseconds>) -> Option<f64> {
    milliseconds.map(|milliseconds| milliseconds.value() / 1000.0)
}

fn flag(set: bool) -> f64 {
    f64::from(u8::from(set))
}
