//! Asks the hosts, in threads of its own, so that the screen waits for nobody.

use super::ask::{Asker, names};
use super::data::Update;
use super::monitor::Wishes;
use super::rounds;
use crate::client::look::QuerySettings;
use crate::clock::monotonic;
use crate::compact::{Receiver, Sender, channel};
use std::io;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

/// The shortest time between two polls.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The shortest time between two readings of a list of clients.
const CLIENTS: Duration = Duration::from_secs(10);

/// The threads.
#[derive(Debug)]
pub struct Pollers {
    hosts: Vec<String>,
    settings: QuerySettings,
    sender: Sender<Update>,
    wishes: Wishes,
    /// The orders for the thread of all hosts, if there are several hosts.
    rounds: Option<Sender<Wishes>>,
    /// The open host, and the orders for its thread.
    open: Option<(usize, Sender<Wishes>)>,
}

impl Pollers {
    /// Starts them; returns where the news arrive.
    ///
    /// # Errors
    /// The system has no threads left.
    pub fn start(
        hosts: &[String],
        settings: QuerySettings,
        wishes: Wishes,
    ) -> io::Result<(Self, Receiver<Update>)> {
        let (sender, news) = channel();
        let mut pollers = Self { hosts: hosts.to_vec(), settings, sender, wishes, rounds: None, open: None };
        if hosts.len() > 1 {
            let (orders, taken) = channel();
            let (hosts, sender) = (hosts.to_vec(), pollers.sender.clone());
            let work = move || rounds::run(&hosts, settings, wishes, &taken, &sender);
            thread::Builder::new().name("rounds".into()).spawn(work)?;
            pollers.rounds = Some(orders);
        }
        pollers.follow(wishes)?;
        Ok((pollers, news))
    }

    /// Passes changed wishes on to the threads.
    ///
    /// # Errors
    /// The system has no threads left.
    pub fn follow(&mut self, wishes: Wishes) -> io::Result<()> {
        let opened = self.open.as_ref().map(|(place, _)| *place);
        if opened == wishes.open && self.wishes == wishes && (opened.is_some() || self.rounds.is_some()) {
            return Ok(());
        }
        self.wishes = wishes;
        if opened != wishes.open {
            // Its thread ends with the channel.
            self.open = None;
            if let Some(place) = wishes.open
                && let Some(host) = self.hosts.get(place)
            {
                let (orders, taken) = channel();
                let asker = Asker::new(place, host, self.settings);
                let sender = self.sender.clone();
                let work = move || watch(asker, wishes, &taken, &sender);
                thread::Builder::new().name("host".into()).spawn(work)?;
                self.open = Some((place, orders));
            }
        }
        let orders = self.rounds.iter().chain(self.open.as_ref().map(|(_, orders)| orders));
        // A thread that has ended is noticed where its news are taken.
        for orders in orders {
            let _ = orders.send(wishes);
        }
        Ok(())
    }
}

/// Asks one host again and again, until nobody wants the news.
fn watch(mut asker: Asker, mut wishes: Wishes, orders: &Receiver<Wishes>, sender: &Sender<Update>) {
    let names = names();
    let mut listed: Option<Duration> = None;
    loop {
        let begun = monotonic();
        if let Some(seen) = asker.ask(begun)
            && sender.send(Update::Seen(Box::new(seen))).is_err()
        {
            return;
        }
        loop {
            let now = monotonic();
            if wishes.clients && listed.is_none_or(|listed| now >= listed + CLIENTS) {
                listed = Some(now);
                if sender.send(asker.ask_for_clients()).is_err() {
                    return;
                }
            }
            if wishes.names
                && let Some(update) = asker.ask_for_names(&names)
                && sender.send(update).is_err()
            {
                return;
            }
            let until = begun + wishes.interval.max(SHORTEST);
            match orders.recv_timeout(until.saturating_sub(monotonic())) {
                Ok(changed) => wishes = changed,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}
