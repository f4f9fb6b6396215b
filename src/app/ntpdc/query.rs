//! Queries to the current daemon over mode 7.

use crate::auth::Key;
use crate::client::daemon::{Daemon, QueryError, no_address};
use crate::clock;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{CommandResult, Failed, Outcome};
use crate::console::host::Target;
use crate::console::query::trace;
use crate::session::mode7::{Items, Note, Reply, Request};
use crate::wire::AssociationId;
use crate::wire::mode7::requests::Item;
use crate::wire::mode7::{ErrorCode, RequestCode};
use crate::wire::timestamp::NtpTimestamp;
use jiff::SignedDuration;
use std::sync::Arc;

/// A query.
pub struct Question {
    /// The request code.
    pub code: RequestCode,
    /// Its items for a current daemon.
    pub items: Items,
    /// Its items for a daemon that knows only IPv4, if it can be queried.
    pub old_items: Option<Items>,
    /// Whether it needs a key.
    pub authenticated: bool,
}

impl Question {
    /// A query without items that anybody may send.
    pub fn open(code: RequestCode) -> Self {
        Self { code, items: Items::default(), old_items: Some(Items::default()), authenticated: false }
    }

    /// A query about items.
    pub fn about(code: RequestCode, items: &[impl Item]) -> Self {
        let new: Vec<Vec<u8>> = items.iter().map(Item::encode).collect();
        let old: Option<Vec<Vec<u8>>> = items.iter().map(Item::encode_old).collect();
        Self { items: Items::of(&new), old_items: old.map(|old| Items::of(&old)), ..Self::open(code) }
    }

    /// A request for a change, with a key.
    pub fn change(code: RequestCode, items: &[impl Item]) -> Self {
        Self { authenticated: true, ..Self::about(code, items) }
    }

    /// A query without items, with a key.
    pub fn sealed(code: RequestCode) -> Self {
        Self { authenticated: true, ..Self::open(code) }
    }
}

impl Shell {
    /// Sends the query; a failure has been reported if there is no reply.
    ///
    /// # Errors
    /// There is no reply.
    fn ask_mode7(&mut self, question: Question) -> Result<Reply, Failed> {
        let key = self.question_key(&question)?;
        let answer = self.send_mode7(question, key);
        self.reported(answer)
    }

    /// The key for a query, if it needs one.
    ///
    /// # Errors
    /// There is none, which has been reported.
    fn question_key(&mut self, question: &Question) -> Result<Option<Arc<Key>>, Failed> {
        if !question.authenticated || self.settings.sends_no_key {
            return Ok(None);
        }
        self.private_key(question.code).map(Some).ok_or(Failed)
    }

    /// The reply; a failure is reported.
    pub(super) fn reported(&mut self, answer: Result<Reply, QueryError>) -> Result<Reply, Failed> {
        answer.map_err(|error| {
            self.report_failure(&error, AssociationId::SYSTEM);
            Failed
        })
    }

    /// Sends a query with a key that has been looked up already, without reporting a failure.
    pub(super) fn send_mode7(
        &mut self,
        question: Question,
        key: Option<Arc<Key>>,
    ) -> Result<Reply, QueryError> {
        let Question { code, items, old_items, .. } = question;
        let delay = SignedDuration::from_millis(self.settings.delay);
        let now = clock::now();
        let now = NtpTimestamp::from(now.checked_add(delay).unwrap_or(now)).0;
        let gives_up_early = self.settings.dialect.keeps(Quirk::GIVES_UP_EARLY);
        let request = Request { code, items, old_items, seal: key.map(|key| (key, now)), gives_up_early };
        let Self { output, target, settings, .. } = self;
        let Target::Open(daemon) = target else { return Err(no_address()) };
        let mut trace = |direction, datagram: &[u8]| trace(settings, output, direction, datagram);
        let answer = daemon.ask_mode7(request, &mut trace);
        let notes = daemon.take_mode7_notes();
        for note in notes {
            let server = self.error_prefix();
            self.output.message(match note {
                Note::OlderImplementation => format!("{server}***Warning changing to older implementation\n"),
                Note::ShorterPacket(from, to) => {
                    format!("{server}***Warning changing the request packet size from {from} to {to}\n")
                }
            });
        }
        answer
    }

    /// The key, which is prompted for if needed. The classic program takes a missing key for the refusal of an old
    /// daemon: it sends the request a second time, and uses the old format from then on.
    fn private_key(&mut self, code: RequestCode) -> Option<Arc<Key>> {
        let once = matches!(code, RequestCode::INTERFACE_STATS | RequestCode::INTERFACE_RELOAD);
        let key = self.request_key();
        if key.is_none()
            && !once
            && self.settings.dialect.keeps(Quirk::ASSUMES_OLD_DAEMON)
            && self.daemon().is_some_and(Daemon::assume_old_implementation)
        {
            return self.request_key();
        }
        key
    }

    /// Requests items of these sizes, the largest first; a failure has been reported if there are none.
    pub(super) fn ask_items(&mut self, question: Question, sizes: &[usize]) -> Result<Reply, Failed> {
        let reply = self.ask_mode7(question)?;
        self.sized(reply, sizes)
    }

    /// A reply whose items have one of these sizes; reports any other size.
    pub(super) fn sized(&mut self, mut reply: Reply, sizes: &[usize]) -> Result<Reply, Failed> {
        if reply.items.is_empty() {
            self.fail_with_note("No data returned in response to query\n");
            return Err(Failed);
        }
        let largest = sizes.iter().copied().max().unwrap_or(0);
        let fits = if self.settings.dialect.keeps(Quirk::SHORT_ITEMS_PADDED) {
            // Missing octets count as zero.
            reply.item_size <= largest
        } else {
            sizes.contains(&reply.item_size)
        };
        if !fits {
            let size = reply.item_size;
            // Of two sizes, the classic program complains about both; of the three for clients, it misses the middle
            // one.
            let missed = match *sizes {
                [new, old] if self.settings.dialect.keeps(Quirk::REPEATED_SIZE_COMPLAINTS) => vec![new, old],
                [_, _, middle, _, _] if self.settings.dialect.keeps(Quirk::REPEATED_SIZE_COMPLAINTS) => {
                    vec![middle]
                }
                _ => vec![largest],
            };
            for missed in missed {
                self.host_error(&format!(
                    "***Incorrect item size returned by remote host ({size} should be {missed})\n"
                ));
            }
            return Err(Failed);
        }
        if !sizes.contains(&reply.item_size) {
            reply.item_size = largest;
            reply.items.iter_mut().for_each(|item| item.resize(largest, 0));
        }
        Ok(reply)
    }

    /// Requests exactly one item.
    pub(super) fn ask_item(&mut self, code: RequestCode, sizes: &[usize]) -> Result<Vec<u8>, Failed> {
        let mut reply = self.ask_items(Question::open(code), sizes)?;
        let count = reply.items.len();
        if count != 1 {
            self.fail_with_note(&format!("Expected one item in response, got {count}\n"));
            return Err(Failed);
        }
        reply.items.pop().ok_or(Failed)
    }

    /// Asks the daemon for a change and prints a confirmation.
    pub(super) fn change(&mut self, question: Question) -> CommandResult {
        self.change_unless(question, |_| false)
    }

    /// Like [`Shell::change`], for a change that cannot be made twice: if it was refused but had to be sent more than
    /// once, `is_made` checks whether the change is in effect. The classic program asks only once.
    pub(super) fn change_unless(
        &mut self,
        question: Question,
        is_made: impl FnOnce(&mut Self) -> bool,
    ) -> CommandResult {
        let key = self.question_key(&question)?;
        let answer = match self.send_mode7(question, key) {
            Err(QueryError::RefusedByMode7(ErrorCode::NO_DATA, true))
                if !self.settings.dialect.keeps(Quirk::RESENT_CHANGE_UNCHECKED) && is_made(self) =>
            {
                None
            }
            answer => Some(answer),
        };
        if let Some(answer) = answer {
            self.reported(answer)?;
        }
        self.output.result("done!\n");
        Ok(Outcome::Done)
    }

    /// Prints a line that the classic program prints among its results, although it reports a failure.
    pub(super) fn fail_with_note(&mut self, line: &str) {
        self.failed = true;
        self.note_error(line);
        self.note(line);
    }
}
