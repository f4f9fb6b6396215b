//! ntpd's sources, from what it says of its associations.

use crate::model::{Peer, ReferenceId};
use crate::session::look::UPTIME;
use crate::wire::AssociationId;
use crate::wire::status::PeerStatusWord;
use crate::wire::variables::{Scan, scan};
use std::time::Duration;

/// Reference identifiers of associations that are not sources but templates for them.
const TEMPLATES: [&[u8]; 4] = [b"POOL", b"BCST", b"ACST", b"MCST"];

/// The sources of a daemon, without templates for them: each association's status word and its variables, if known.
pub fn sources<'a>(
    rows: impl Iterator<Item = (AssociationId, PeerStatusWord, Option<&'a [u8]>)>,
) -> Vec<Peer> {
    let peer = |(id, status, data): (AssociationId, PeerStatusWord, Option<&[u8]>)| match data {
        Some(data) => Peer::from_variables(id, status, &scan(data)),
        None => Peer { association: id, status, ..Peer::default() },
    };
    rows.map(peer).filter(|peer| !is_template(peer)).collect()
}

/// How long ntpd has been running, from its variable.
pub fn uptime(data: &[u8]) -> Option<Duration> {
    Duration::try_from_secs_f64(number(&scan(data), UPTIME)?).ok()
}

/// Returns a finite number among the variables.
pub fn number(scanned: &Scan<'_>, name: &str) -> Option<f64> {
    let text = std::str::from_utf8(scanned.value(name)?).ok()?.trim();
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_template(peer: &Peer) -> bool {
    matches!(&peer.reference_id, Some(ReferenceId::Text(text)) if TEMPLATES.contains(&text.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_not_sources() {
        let peer = |text: &[u8]| Peer { reference_id: Some(ReferenceId::parse(text)), ..Peer::default() };
        assert!(is_template(&peer(b"POOL")) && !is_template(&peer(b"GPS")) && !is_template(&Peer::default()));
    }
}
