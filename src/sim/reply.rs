//! The data of a mode 6 reply: items joined into lines, lines split into fragments, as in ntpd.

use crate::wire::control::DATA_LIMIT;

/// The maximum length of a line, except for a single longer item.
const LINE_LIMIT: usize = 72;
/// Text items leave this much room for the separator or the end of the text; if there is less, the fragment ends
/// early.
const RESERVE: usize = 3;

/// Collects the data of one reply.
#[derive(Debug, Default)]
pub(super) struct ReplyData {
    full: Vec<Vec<u8>>,
    current: Vec<u8>,
    column: usize,
    has_text: bool,
}

impl ReplyData {
    /// Adds `name=value`, after a separator if it is not the first.
    pub(super) fn item(&mut self, text: &[u8]) {
        if self.has_text {
            self.current.push(b',');
            self.column += 1;
            if self.column + text.len() + 1 >= LINE_LIMIT {
                self.current.extend(b"\r\n");
                self.column = 0;
            } else {
                self.current.push(b' ');
                self.column += 1;
            }
        }
        self.has_text = true;
        self.column += text.len();
        self.append(text, RESERVE);
    }

    /// Adds binary data.
    pub(super) fn binary(&mut self, octets: &[u8]) {
        self.append(octets, 0);
    }

    /// The number of packets so far.
    pub(super) fn fragments(&self) -> usize {
        self.full.len() + 1
    }

    /// The data of each packet: at least one packet, none longer than [`DATA_LIMIT`].
    pub(super) fn into_fragments(mut self) -> Vec<Vec<u8>> {
        if self.has_text {
            self.current.extend(b"\r\n");
        }
        self.full.push(self.current);
        self.full
    }

    fn append(&mut self, mut octets: &[u8], reserve: usize) {
        while self.current.len() + octets.len() + reserve > DATA_LIMIT {
            let room = DATA_LIMIT.saturating_sub(self.current.len()).min(octets.len());
            let Some((head, tail)) = octets.split_at_checked(room) else { return };
            self.current.extend(head);
            self.full.push(std::mem::take(&mut self.current));
            octets = tail;
        }
        self.current.extend(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragments(items: &[String]) -> Vec<Vec<u8>> {
        let mut data = ReplyData::default();
        for item in items {
            data.item(item.as_bytes());
        }
        data.into_fragments()
    }

    fn lengths(items: &[String]) -> Vec<usize> {
        fragments(items).iter().map(Vec::len).collect()
    }

    #[test]
    fn lines_break_as_recorded() {
        let text = "config=1, authenable=1, authentic=0, srcadr=192.0.2.17, srcport=123,\r\n\
                    dstadr=192.0.2.21, dstport=123, leap=3, hmode=3, stratum=16, ppoll=99,\r\n\
                    hpoll=8, precision=-24, rootdelay=0.000, rootdisp=0.000, refid=INIT,\r\n\
                    reftime=0x00000000.00000000, xmt=0x00000000.00000000, reach=0x0,\r\n\
                    unreach=11, timer=34\r\n";
        let items: Vec<String> =
            text.trim_end().replace("\r\n", " ").split(", ").map(ToOwned::to_owned).collect();
        assert_eq!(fragments(&items).concat(), text.as_bytes());
    }

    #[test]
    fn nothing_said_is_no_line_end_either() {
        assert_eq!(fragments(&[]), [b""]);
    }

    /// Recorded from 4.2.8p15: an item that ends within three octets of the packet's end ends the packet, and the separator
    /// or end goes to the next.
    #[test]
    fn fragments_end_where_the_original_ends_them() {
        assert_eq!(lengths(&["v".repeat(466)]), [466, 2]);
        assert_eq!(lengths(&["v".repeat(467), "w".repeat(80)]), [467, 85]);
        assert_eq!(lengths(&["v".repeat(465), "w".repeat(80)]), [468, 82]);
        assert_eq!(lengths(&["v".repeat(400), "w".repeat(80)]), [468, 17]);
    }

    #[test]
    fn binary_data_fills_packets_to_the_brim() {
        let mut data = ReplyData::default();
        data.binary(&[7; 469]);
        assert_eq!(data.into_fragments().iter().map(Vec::len).collect::<Vec<_>>(), [468, 1]);
    }

    proptest! {
        #[test]
        fn no_octet_is_lost_and_no_packet_too_long(items in proptest::collection::vec("[a-z]{1,90}", 0..60)) {
            let fragments = fragments(&items);
            prop_assert!(fragments.iter().all(|fragment| fragment.len() <= DATA_LIMIT));
            let text = String::from_utf8(fragments.concat()).unwrap().replace("\r\n", " ");
            prop_assert_eq!(text.trim_end(), items.join(", "));
        }
    }
}
