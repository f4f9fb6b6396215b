//! The entries of a daemon's list of associations.

use crate::compact;
use crate::wire::AssociationId;
use crate::wire::status::PeerStatusWord;

/// One entry of the list returned by "read status" (RFC 9327 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Association {
    /// The position in the whole list, from 1.
    pub index: usize,
    /// The association ID.
    pub id: AssociationId,
    /// The status when the list was sent.
    pub status: PeerStatusWord,
}

impl Association {
    /// Parses the data of the list, pairs of ID and status, and sorts it by ID.
    ///
    /// # Errors
    ///
    /// [`UnevenLength`] if the length of the data is not a multiple of four octets.
    pub fn list(data: &[u8]) -> Result<Vec<Self>, UnevenLength> {
        let (pairs, rest) = data.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(UnevenLength(data.len()));
        }
        let mut entries: Vec<_> = pairs
            .iter()
            .map(|&[i1, i0, s1, s0]| {
                (AssociationId(u16::from_be_bytes([i1, i0])), PeerStatusWord(u16::from_be_bytes([s1, s0])))
            })
            .collect();
        compact::sort_by_key(&mut entries, |(id, _)| *id);
        Ok((1..).zip(entries).map(|(index, (id, status))| Self { index, id, status }).collect())
    }

    /// Whether the short forms of the lists include it: it is configured or reachable.
    pub fn is_shown_by_default(&self) -> bool {
        self.status.is_configured() || self.status.is_reachable()
    }
}

/// An association list of this many octets, which is not a multiple of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Server returned {0} octets, should be multiple of 4")]
pub struct UnevenLength(pub usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_numbered() {
        let list = Association::list(&[0, 9, 0x96, 0x14, 0, 3, 0x00, 0x14]).expect("two entries");
        let entry =
            |index, id, status| Association { index, id: AssociationId(id), status: PeerStatusWord(status) };
        assert_eq!(list, [entry(1, 3, 0x0014), entry(2, 9, 0x9614)]);
        assert_eq!(list.iter().map(Association::is_shown_by_default).collect::<Vec<_>>(), [false, true]);
        assert_eq!(Association::list(&[0; 6]), Err(UnevenLength(6)));
        assert_eq!(Association::list(&[]), Ok(vec![]));
    }
}
