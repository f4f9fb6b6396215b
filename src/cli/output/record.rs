//! Recorded output.

/// One piece of recorded output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// For standard output.
    Result(Vec<u8>),
    /// For standard error.
    Message(Vec<u8>),
}

/// Recorded output, which may contain results that are not rendered yet.
#[derive(Default)]
pub struct Recorded(pub(super) Vec<Entry>);

/// A piece, or a result that is not rendered yet.
pub(super) enum Entry {
    Piece(Piece),
    Later(Box<dyn FnOnce() -> String + Send>),
}

impl Recorded {
    /// Renders everything.
    pub fn render(&mut self) {
        if self.0.iter().any(|entry| matches!(entry, Entry::Later(_))) {
            let pieces = std::mem::take(self).into_pieces();
            self.0 = pieces.into_iter().map(Entry::Piece).collect();
        }
    }

    /// Renders everything, and returns it in order.
    pub fn into_pieces(self) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.0.len());
        for entry in self.0 {
            match (entry, pieces.last_mut()) {
                (Entry::Later(render), Some(Piece::Result(last))) => {
                    last.extend_from_slice(render().as_bytes());
                }
                (Entry::Later(render), _) => pieces.push(Piece::Result(render().into_bytes())),
                (Entry::Piece(Piece::Result(octets)), Some(Piece::Result(last))) => last.extend(octets),
                (Entry::Piece(piece), _) => pieces.push(piece),
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::super::Output;
    use super::*;

    #[test]
    fn what_is_rendered_later_keeps_its_place() {
        let mut output = Output::record();
        output.result("one ");
        output.result_later(|| "two\n".to_owned());
        output.message("but\n");
        output.result_later(|| "three ".to_owned());
        output.result("four\n");
        output.turn_results_into_messages(true);
        output.result_later(|| "aside\n".to_owned());
        let mut recorded = output.into_recorded();
        assert!(recorded.0.iter().any(|entry| matches!(entry, Entry::Later(_))));
        recorded.render();
        assert!(recorded.0.iter().all(|entry| matches!(entry, Entry::Piece(_))));
        let expected = [
            Piece::Result(b"one two\n".to_vec()),
            Piece::Message(b"but\n".to_vec()),
            Piece::Result(b"three four\n".to_vec()),
            Piece::Message(b"aside\n".to_vec()),
        ];
        assert_eq!(recorded.into_pieces(), expected);
    }
}
